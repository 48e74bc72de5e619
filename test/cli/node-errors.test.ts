import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { useCli } from "../support/cli.ts";

const testCli = useCli();

const FILE = `import { END, START } from "@langchain/langgraph";
import { agentNode, defineGraph } from "decurion";
const failing = (name: string, fail: () => never) =>
  defineGraph(name, (builder) =>
    builder
      .addNode("work", agentNode({ agent: "sydney-coder", prompt: "Work." }))
      .addNode("print", () => fail())
      .addEdge(START, "work")
      .addEdge("work", "print")
      .addEdge("print", END),
  );
export const error = failing("error", () => {
  throw new Error("the printer is on fire");
});
export const slow = failing("slow", () => {
  throw new Error("timeout of 5000 ms exceeded");
});
export const object = failing("object", () => {
  throw { code: 7 };
});
export const text = failing("text", () => {
  throw "no paper";
});
export const nothing = failing("nothing", () => {
  throw undefined;
});
`;
const WRONG = 'The graph "wrong" in langgraph.json cannot be used: it must be "<file>:<export>".';
const NAMES = ["error", "slow", "object", "text", "nothing"];

beforeAll(async () => {
  const graphs = Object.fromEntries(NAMES.map((name) => [name, `./failing.mts:${name}`]));
  await writeFile(
    join(testCli().folder, "langgraph.json"),
    JSON.stringify({ graphs: { ...graphs, unfit: "./unfit.mts:graph", wrong: "./wrong.mts" } }),
  );
  await writeFile(join(testCli().folder, "failing.mts"), FILE);
  await writeFile(join(testCli().folder, "unfit.mts"), "throw new Error('no graph today');");
});

describe("a node of a project's graph that throws", () => {
  it.each([
    ["error", "the printer is on fire"],
    ["slow", "timeout of 5000 ms exceeded"],
    ["object", '{"code":7}'],
    ["text", "it threw a value that is no Error. Throw an Error with a message."],
    ["nothing", "it threw a value that is no Error. Throw an Error with a message."],
  ])("ends the thread as failed, in one document with the node's name: %s", async (name, why) => {
    const { code, stdout, stderr } = await testCli().runInSession(["run", name, "x", "--json"]);
    expect(code).toBe(1);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ graph: name, status: "failed", error: `Node "print" failed: ${why}` });
    expect(document.tasks).toMatchObject([{ id: "work", status: "completed" }]);
    expect(stderr).not.toContain("broke inside");
  });

  it("is shown with its summary, and with the place in the project's own file", async () => {
    const { code, stdout, stderr } = await testCli().run(["run", "error", "x"]);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/at \S.*failing\.mts:13:9/);
    expect(stderr).toContain("Failed · 1 of 1 task");
    expect(stderr).toContain('Node "print" failed: the printer is on fire');
    expect(stderr).not.toContain("node_modules");
  });

  it("is another thing than a file that cannot be loaded: then no thread is begun", async () => {
    const { code, stdout, stderr } = await testCli().run(["run", "unfit", "x"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(
      `${WRONG}\ndecurion: Graph "unfit" cannot be loaded from unfit.mts: no graph today.\n`,
    );
  });
});

describe("a wrong entry in langgraph.json", () => {
  it("is named before a run, and the other graphs run", async () => {
    const { code, stderr } = await testCli().run(["run", "orchestrate", "@sydney-coder x", "--auto-approve"]);
    expect(code, stderr).toBe(0);
    expect(stderr.split("\n", 1)).toEqual([WRONG]);
  });
});
