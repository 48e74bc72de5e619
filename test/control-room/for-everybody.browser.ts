import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useBrowser } from "../support/control-room/browser.ts";
import { focused, stumblingBlocks } from "../support/control-room/checks.ts";
import { BIG, BUSY, crowd } from "../support/control-room/crowd.ts";
import { type Fixture, startFixture } from "../support/control-room/fixture-server.ts";

const newPage = useBrowser();
let server: Fixture;
beforeAll(async () => {
  server = await startFixture(crowd(60));
});
afterAll(() => server.close());

/** Every view of the page, and what it shows when it is there. */
const VIEWS = [
  { hash: "#/threads", shows: "Input of thread 7" },
  { hash: "#/threads?new=", shows: "Agents in parallel" },
  { hash: "#/inbox", shows: "sydney-coder asks to use Bash" },
  { hash: `#/threads/${BUSY}/graph`, shows: "sydney-research" },
  { hash: `#/threads/${BUSY}/graph?task=survey`, shows: "Output of survey." },
  { hash: `#/threads/${BIG}/graph`, shows: "task-250" },
  { hash: `#/threads/${BUSY}/lanes`, shows: "survey" },
  { hash: `#/threads/${BUSY}/tasks?task=list`, shows: "There was no table." },
  { hash: `#/threads/${BUSY}/requests`, shows: "Raise to $0.40" },
  { hash: `#/threads/${BUSY}/history`, shows: "before approve" },
] as const;

describe.each([
  { place: "a desk in the light", options: { colorScheme: "light" } },
  { place: "a desk in the dark", options: { colorScheme: "dark" } },
  { place: "a phone", options: { colorScheme: "dark", viewport: { width: 390, height: 844 } } },
] as const)("on $place", ({ options }) => {
  it("every view can be read, named and used", async () => {
    const { page, troubles } = await newPage(options);
    const found: string[] = [];
    for (const { hash, shows } of VIEWS) {
      await page.goto(server.url + hash);
      await page.getByText(shows).first().waitFor({ state: "attached" });
      found.push(...(await stumblingBlocks(page)).map((one) => `${hash}: ${one}`));
    }
    expect(found).toEqual([]);
    expect(troubles).toEqual([]);
  });
});

describe("with the keyboard alone", () => {
  it("each stop of a walk through the page has a name and is seen", async () => {
    const { page } = await newPage();
    for (const { hash, shows } of VIEWS) {
      await page.goto("about:blank");
      await page.goto(server.url + hash);
      await page.getByText(shows).first().waitFor({ state: "attached" });
      const stops: string[] = [];
      for (let step = 0; step < 25; step += 1) {
        await page.keyboard.press("Tab");
        const { name, isVisible } = await focused(page);
        if (name === "") continue; // The browser's own controls.
        expect({ hash, name, isVisible }).toEqual({ hash, name, isVisible: true });
        stops.push(name);
      }
      expect(new Set(stops).size, hash).toBeGreaterThan(5);
    }
  });

  it("a run is started: to the link, through the form, and back out of it by Escape", async () => {
    const { page } = await newPage();
    await page.goto(`${server.url}#/threads`);
    await page.getByRole("link", { name: "Start a run" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("textarea:focus").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(server.posted).toEqual([]);

    await page.getByRole("link", { name: "Start a run" }).press("Enter");
    await page.locator("textarea:focus").waitFor();
    await page.keyboard.type("Count to three");
    await page.getByRole("option", { name: "orchestrate" }).waitFor({ state: "attached" });
    await page.getByLabel("Agents in parallel").focus();
    await page.keyboard.type("4");
    await page.keyboard.press("Enter");

    await page.waitForURL(/#\/threads\/[0-9a-f-]{36}/);
    expect(server.posted).toEqual([
      { path: "/threads", body: { graph: "orchestrate", input: "Count to three", options: { parallel: 4 } } },
    ]);
  });

  it("a task is opened in the graph and closed again", async () => {
    const { page } = await newPage();
    await page.goto(`${server.url}#/threads/${BUSY}/graph`);
    await page.getByRole("button", { name: /^completed survey/ }).press("Enter");
    await page.getByRole("complementary", { name: "Task survey" }).waitFor();
    expect(page.url()).toContain("task=survey");
    await page.getByRole("button", { name: "Close the task" }).press("Enter");
    await page.getByRole("complementary", { name: "The run" }).waitFor();
  });

  it("a form of the inbox is left again to the request that it belongs to", async () => {
    const { page } = await newPage();
    await page.goto(`${server.url}#/inbox`);
    const request = page.getByRole("article", { name: /asks to use Bash/ });
    await request.getByRole("button", { name: "Deny" }).press("Enter");
    await page.locator("textarea:focus").waitFor();
    await request.getByRole("button", { name: "Cancel" }).press("Enter");
    await page.locator("article:focus").filter({ hasText: "asks to use Bash" }).waitFor();
  });

  it("a question is answered by one of the options that its agent offers", async () => {
    const { page } = await newPage();
    await page.goto(`${server.url}#/inbox`);
    const request = page.getByRole("article", { name: /asks: Which queue/ });
    await request.getByRole("button", { name: "the new one" }).press("Enter");
    await request.getByText("approved").waitFor();
    expect(server.posted.at(-1)).toEqual({
      path: "/requests/question/answer",
      body: { decision: { type: "respond", message: "the new one" } },
    });
  });

  it("the content is reached in one step", async () => {
    const { page } = await newPage();
    await page.goto(`${server.url}#/inbox`);
    await page.getByText("Raise to").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("MAIN");
  });
});
