import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useBrowser } from "../support/control-room/browser.ts";
import { BIG, BUSY, crowd } from "../support/control-room/crowd.ts";
import { aRequest, aTask, aThread, instant, rowOf, threadId } from "../support/control-room/data.ts";
import { type Fixture, startFixture } from "../support/control-room/fixture-server.ts";

const newPage = useBrowser();
const data = crowd(1000);
let server: Fixture;
beforeAll(async () => {
  server = await startFixture(data);
});
afterAll(() => server.close());

async function openPage(hash: string) {
  const opened = await newPage();
  const apiCalls: string[] = [];
  opened.page.on("request", (request) => {
    if (request.url().includes("/control/api/")) apiCalls.push(new URL(request.url()).pathname);
  });
  await opened.page.goto(server.url + hash);
  await opened.page.getByText("live", { exact: true }).waitFor();
  return { ...opened, apiCalls };
}

describe("a thousand threads", () => {
  it("come page by page, and a search or a filter asks for no more than a page", async () => {
    const { page, troubles } = await openPage("#/threads");
    const rows = page.locator("tbody tr");
    await page.getByText("Input of thread 49", { exact: true }).waitFor();
    expect(await rows.count()).toBe(50);

    await page.getByRole("button", { name: "Show older threads" }).click();
    await page.getByText("Input of thread 99", { exact: true }).waitFor();
    expect(await rows.count()).toBe(100);

    await page.getByLabel("Search").fill("thread 77");
    await page.getByText("Input of thread 777", { exact: true }).waitFor();
    await page.getByText("Input of thread 49", { exact: true }).waitFor({ state: "detached" });
    expect(await rows.count()).toBe(11);
    expect(page.url()).toContain("q=thread+77");

    await page.getByLabel("Search").fill("");
    await page.getByRole("navigation", { name: "Status" }).getByText("failed").click();
    await page.getByText("Input of thread 50", { exact: true }).waitFor();
    expect(await page.locator("tbody .status").allTextContents()).toEqual(Array(50).fill("failed"));
    expect(troubles).toEqual([]);
  });

  it("change in their places and gain new ones on top, without being asked for again", async () => {
    const { page, apiCalls } = await openPage("#/threads");
    await page.getByText("Input of thread 4", { exact: true }).waitFor();
    const asked = apiCalls.length;
    const changed = rowOf({
      thread: aThread(4, { status: "waiting" }),
      tasks: [],
      requests: [aRequest("one", threadId(4)), aRequest("two", threadId(4))],
    });
    const added = rowOf({
      thread: aThread(5000, { input: "Quite new", createdAt: instant(99) }),
      tasks: [],
      requests: [],
    });
    const old = rowOf({ thread: aThread(900), tasks: [], requests: [] });

    server.send("/events", "threads", [changed, added, old]);

    await page.locator("tbody tr").first().getByText("Quite new").waitFor();
    const fourth = page.locator("tbody tr").filter({ hasText: "Input of thread 4" }).first();
    await fourth.getByText("2 waiting for you").waitFor({ state: "attached" });
    expect(await page.locator("tbody tr").count()).toBe(51);
    expect(apiCalls.length).toBe(asked);
  });
});

/** Waits until the graph is placed and shown: nothing in it has changed for half a second. */
const STILL = `new Promise((resolve) => {
  let timer = setTimeout(resolve, 500);
  const observer = new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => resolve(observer.disconnect()), 500);
  });
  observer.observe(document.querySelector(".react-flow"), { subtree: true, childList: true, attributes: true });
})`;

describe("a thread with 500 tasks", () => {
  it("draws no more of its graph than is in sight", async () => {
    const { page, troubles } = await openPage(`#/threads/${BIG}/graph`);
    const boxes = page.locator(".react-flow__node-task");
    await boxes.nth(499).waitFor();

    for (let step = 0; step < 6; step += 1) await page.getByRole("button", { name: "Zoom In" }).click();

    await expect.poll(() => boxes.count()).toBeLessThan(150);
    expect(await boxes.count()).toBeGreaterThan(5);
    expect(troubles).toEqual([]);
  });

  it("touches no box but those of tasks that have changed", async () => {
    const { page } = await openPage(`#/threads/${BIG}/graph`);
    await page.locator(".react-flow__node-task").nth(499).waitFor();
    await page.evaluate(STILL);
    await page.evaluate(`(() => {
      window.touched = new Set();
      const boxOf = (node) => (node.closest ? node : node.parentElement).closest(".react-flow__node-task");
      new MutationObserver((changes) => {
        for (const { target } of changes) if (boxOf(target)) window.touched.add(boxOf(target).dataset.id);
      }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    })()`);

    server.send(`/threads/${BIG}/events`, "tasks", [
      aTask("task-250", { wave: 2, dependsOn: ["task-125"] }),
      aTask("task-260", { wave: 2, dependsOn: ["task-135"], status: "running" }),
    ]);

    await page.locator('[data-id="task task-250"] .box-completed').waitFor();
    await page.locator('[data-id="task task-260"] .box-running').waitFor();
    expect(await page.evaluate("[...window.touched].sort()")).toEqual(["task task-250", "task task-260"]);
  });

  it("has at most ten lanes", async () => {
    const { page } = await openPage(`#/threads/${BIG}/lanes`);
    await page.getByRole("listitem", { name: "Lane 10" }).waitFor();
    expect(await page.getByRole("listitem", { name: /^Lane / }).count()).toBe(10);
  });
});

describe("a server that goes away", () => {
  it("is followed again when it is back, and the page shows what has changed without a reload", async () => {
    const { page } = await openPage(`#/threads/${BUSY}/tasks`);
    await page.evaluate("window.isSame = true");
    const streams = page.waitForRequest((request) => request.url().endsWith(`${BUSY}/events`));

    server.dropStreams();
    await streams;
    await expect
      .poll(() => {
        server.send(`/threads/${BUSY}/events`, "tasks", [aTask("hash", { wave: 1, costUsd: 0.0777 })]);
        return page.getByText("$0.0777").count();
      })
      .toBe(1);

    expect(await page.evaluate("window.isSame")).toBe(true);
  });

  it("says that a thread is not there, in its sentence", async () => {
    const { page } = await openPage(`#/threads/${threadId(77_777)}/graph`);
    await page.getByRole("alert").filter({ hasText: "There is nothing at" }).waitFor();
  });
});
