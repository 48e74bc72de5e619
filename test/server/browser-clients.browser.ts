import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { useCli } from "../support/cli.ts";
import { useBrowser } from "../support/control-room/browser.ts";
import { PACKAGE_FOLDER } from "../support/package-folder.ts";
import { type Studio, startStudio } from "../support/studio.ts";

/** What LangGraph Studio, agent-inbox and agent-chat-ui do: LangGraph's own client, which gets a base URL and no header. */
const PAGE = `
import { Client } from "@langchain/langgraph-sdk";
globalThis.runOn = async (apiUrl) => {
  const client = new Client({ apiUrl, callerOptions: { maxRetries: 0 } });
  const { thread_id: thread } = await client.threads.create();
  const input = { input: "@sydney-coder write a haiku" };
  const events = [];
  for await (const { event } of client.runs.stream(thread, "orchestrate", { input, streamMode: ["values"] })) {
    events.push(event);
  }
  const waiting = await client.threads.search({ status: "interrupted" });
  await client.threads.updateState(thread, { values: null, asNode: "__end__" });
  const { next } = await client.threads.getState(thread);
  return { events, waits: waiting.some((one) => one.thread_id === thread), next };
};
`;

const testCli = useCli();
const newPage = useBrowser();
let page: Server;
let studio: Studio;
let origin = "";

beforeAll(async () => {
  const stdin = { contents: PAGE, resolveDir: PACKAGE_FOLDER };
  const built = await build({ stdin, bundle: true, write: false, format: "esm", platform: "browser" });
  const script = built.outputFiles[0]?.text ?? "";
  page = createServer((asked, answer) => {
    const isScript = asked.url === "/page.js";
    answer.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    answer.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  }).listen(0, "127.0.0.1");
  await once(page, "listening");
  origin = `http://localhost:${(page.address() as AddressInfo).port}`;
  studio = await startStudio(testCli(), undefined, { ALLOWED_ORIGINS: origin });
});
afterAll(async () => {
  await studio?.stop();
  page?.close();
});

/** Runs the page's script on this base URL. */
async function runOn(baseUrl: string): Promise<unknown> {
  const { page: tab } = await newPage();
  await tab.goto(origin);
  await tab.waitForFunction("globalThis.runOn");
  return tab.evaluate(`globalThis.runOn(${JSON.stringify(baseUrl)})`);
}

it("a page of an allowed origin creates a thread, streams a run, finds and ends it with the printed base URL", async () => {
  const link = /https:\/\/smith\.langchain\.com\/studio\/\?baseUrl=(\S+)/.exec(studio.said());
  const baseUrl = decodeURIComponent(link?.[1] ?? "");
  expect(baseUrl).toBe(`${studio.address}/t/${studio.token}`);
  expect(await runOn(baseUrl)).toEqual({
    events: expect.arrayContaining(["metadata", "values"]),
    waits: true,
    next: [],
  });
  expect(
    studio.said().split(studio.token),
    "in the two links of the start, and in no line of the log",
  ).toHaveLength(3);
});

it("the same page gets nothing without the token, and a page of another origin nothing with it", async () => {
  await expect(runOn(studio.address)).rejects.toThrow(/401/);
  await expect(runOn(`${studio.address}/t/wrong`)).rejects.toThrow(/401/);
  const allowed = origin;
  origin = allowed.replace("localhost", "127.0.0.1");
  try {
    await expect(runOn(`${studio.address}/t/${studio.token}`)).rejects.toThrow(/Failed to fetch/);
  } finally {
    origin = allowed;
  }
});
