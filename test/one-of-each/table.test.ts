import { randomUUID } from "node:crypto";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Database, openDatabase } from "../../src/postgres/database.ts";
import { TABLES, type Table } from "../../src/postgres/tables.ts";
import { pruneThreads } from "../../src/postgres/threads/prune.ts";
import { beginThread, endThread } from "../../src/postgres/threads/threads.ts";
import type { FeedEvent } from "../../src/server/feed.ts";
import { Feeds } from "../../src/server/feeds.ts";
import { testDatabaseUrl, useTestSchema } from "../support/database.ts";
import { PACKAGE_FOLDER } from "../support/engine.ts";
import { testFolder } from "../support/workspace.ts";
import { addNote, notesOf } from "./table/notes.ts";

const schema = useTestSchema();
const FIXTURE = join(PACKAGE_FOLDER, "test/one-of-each/table");

/** The list with the new table's line. */
const WITH_NOTES: readonly Table[] = [
  ...TABLES,
  { name: "notes", ofThread: { event: "notes", look: async (...of) => (await notesOf(...of)).map(keyed) } },
];
const keyed = <Row extends { readonly id: string }>(row: Row) => ({ key: row.id, row });

/** A database with the new table's migration beside ours. */
async function databaseWithNotes(): Promise<Database> {
  const folder = await testFolder();
  for (const from of [join(PACKAGE_FOLDER, "src/postgres/migrations"), FIXTURE]) {
    const migrations = (await readdir(from)).filter((name) => name.endsWith(".sql"));
    for (const name of migrations) await copyFile(join(from, name), join(folder, name));
  }
  const migrations = pathToFileURL(`${folder}/`);
  const database = await openDatabase({ url: testDatabaseUrl(), schema, migrations });
  onTestFinished(() => database.close());
  return database;
}

async function newThread(database: Database): Promise<string> {
  const id = randomUUID();
  await beginThread(database, { id, graph: "g", input: "x", options: {}, simulated: true, budgetUsd: 1 });
  return id;
}

/** Reads events until one of this name comes. */
async function nextEvent(events: AsyncGenerator<FeedEvent>, name: string): Promise<FeedEvent["data"]> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`The feed ended before it told of ${name}.`);
    if (value.event === name) return value.data;
  }
}

describe("a new table", () => {
  it("is one migration, one file and one line", async () => {
    expect((await readdir(FIXTURE)).sort()).toEqual(["900-notes.sql", "notes.ts"]);
    expect(WITH_NOTES).toHaveLength(TABLES.length + 1);
  });

  it("is pruned with its threads, and its changes are told by their live feeds", async () => {
    const database = await databaseWithNotes();
    const [old, young] = [await newThread(database), await newThread(database)];
    for (const id of [old, young]) await addNote(database, id, "first");

    const ended = new AbortController();
    const events = new Feeds(async () => database, WITH_NOTES).ofThread(old).read(undefined, ended.signal);
    expect(await nextEvent(events, "notes")).toMatchObject([{ text: "first" }]);
    await addNote(database, old, "second");
    expect(await nextEvent(events, "notes")).toMatchObject([{ text: "second" }]);
    ended.abort();
    await events.return(undefined);

    await endThread(database, old, { status: "completed", output: null, error: null });
    await database.pool.query(
      "UPDATE threads SET updated_at = updated_at - interval '2 days' WHERE thread_id = $1",
      [old],
    );
    expect(await pruneThreads(database, 86_400)).toMatchObject({ deleted: 1 });
    expect(await notesOf(database, old)).toEqual([]);
    expect(await notesOf(database, young)).toHaveLength(1);
  });
});
