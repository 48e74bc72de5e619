import { randomUUID } from "node:crypto";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { type BaseCheckpointSaver, uuid6 } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { validate } from "@langchain/langgraph-checkpoint-validation";
import { describe, expect, it } from "vitest";
import { createCheckpointer } from "../../src/postgres/checkpoints/checkpointer.ts";
import { type Database, openDatabase } from "../../src/postgres/database.ts";
import { dropSchema, newSchemaName, testDatabaseUrl, useTestDatabase } from "../support/database.ts";

const db = useTestDatabase();

/** LangGraph's types know versions as numbers only; it compares them as what they are. */
function asTyped(saver: object): BaseCheckpointSaver {
  return saver as BaseCheckpointSaver;
}

const opened = new Map<object, Database>();

validate({
  checkpointerName: "Decurion's Postgres saver",
  // Each saver has a schema of its own, as the suite wants it.
  createCheckpointer: async () => {
    const database = await openDatabase({ url: testDatabaseUrl(), schema: newSchemaName() });
    const saver = createCheckpointer(async () => database);
    opened.set(saver, database);
    return asTyped(saver);
  },
  destroyCheckpointer: async (saver: object) => {
    const database = opened.get(saver);
    await database?.close();
    if (database) await dropSchema(database.schema);
  },
});

const State = Annotation.Root({
  name: Annotation<string>(),
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
});

/** Two steps that write what the input's name says, so that branches with other names differ. */
function twoSteps(checkpointer: BaseCheckpointSaver) {
  return new StateGraph(State)
    .addNode("first", ({ name }) => ({ log: [`first ${name}`] }))
    .addNode("second", ({ name }) => ({ log: [`second ${name}`] }))
    .addEdge(START, "first")
    .addEdge("first", "second")
    .addEdge("second", END)
    .compile({ checkpointer });
}

/** Runs a thread, forks it before its first step under another name, and reads the first branch again. */
async function forkAndReadOld(checkpointer: BaseCheckpointSaver) {
  const graph = twoSteps(checkpointer);
  const config = { configurable: { thread_id: randomUUID() } };
  await graph.invoke({ name: "old" }, config);
  const old = await graph.getState(config);
  const history = [];
  for await (const state of graph.getStateHistory(config)) history.push(state);
  const before = history.find((state) => state.next.includes("first"));
  const fork = await graph.updateState(before?.config ?? config, { name: "new" });
  const forked = await graph.invoke(null, fork);
  const reread = await graph.getState(old.config);
  return { forked: forked.log, reread: reread.values["log"] };
}

describe("a fork", () => {
  it("has its own values and leaves the branch before it as it was", async () => {
    expect(await forkAndReadOld(asTyped(createCheckpointer(async () => db())))).toEqual({
      forked: ["first new", "second new"],
      reread: ["first old", "second old"],
    });
  });

  it("is corrupt with the stock saver, which is why ours is not that one", async () => {
    const stock = new PostgresSaver(db().pool, undefined, { schema: db().schema });
    const graph = twoSteps(stock);
    const config = { configurable: { thread_id: randomUUID() } };
    await graph.invoke({ name: "old" }, config);
    const history = [];
    for await (const state of graph.getStateHistory(config)) history.push(state);
    const before = history.find((state) => state.next.includes("first"));
    const fork = await graph.updateState(before?.config ?? config, { name: "new" });
    await graph.invoke(null, fork);
    const { values } = await graph.getState(config);
    expect(values["log"]).not.toEqual(["first new", "second new"]);
  });
});

describe("the writes of a step", () => {
  it("may be more than one statement can take, and come back in their order", async () => {
    const saver = createCheckpointer(async () => db());
    const config = { configurable: { thread_id: randomUUID(), checkpoint_ns: "" } };
    const empty = {
      v: 4,
      ts: new Date().toISOString(),
      channel_values: {},
      channel_versions: {},
      versions_seen: {},
    };
    const stored = await saver.put(
      config,
      { ...empty, id: uuid6(1) },
      { source: "loop", step: 1, parents: {} },
      {},
    );
    const writes = Array.from({ length: 9000 }, (_, index): [string, number] => ["numbers", index]);
    await saver.putWrites(stored, writes, "task");
    const kept = (await saver.getTuple(stored))?.pendingWrites ?? [];
    expect(kept.map(([, , value]) => value)).toEqual(writes.map(([, value]) => value));
  });
});

describe("createCheckpointer", () => {
  it("asks for no database before it is used", async () => {
    let asked = 0;
    const saver = createCheckpointer(async () => {
      asked += 1;
      return db();
    });
    twoSteps(asTyped(saver));
    expect(asked).toBe(0);
    expect(await saver.getTuple({ configurable: { thread_id: randomUUID() } })).toBeUndefined();
    expect(asked).toBe(1);
  });

  it("makes versions that sort as they were made and that no two branches share", () => {
    const saver = createCheckpointer(async () => db());
    const versions: string[] = [];
    for (let count = 0; count < 12; count++) versions.push(saver.getNextVersion(versions.at(-1)));
    expect([...versions].sort()).toEqual(versions);
    expect(saver.getNextVersion(versions[3])).not.toBe(saver.getNextVersion(versions[3]));
  });
});
