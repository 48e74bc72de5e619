import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { type TestPage, useBrowser } from "../support/control-room/browser.ts";
import { useStudio } from "../support/control-room/studio.ts";
import { NO_END } from "../support/no-end.ts";

const SHARDING = "Compare three ways to shard a Postgres queue, with risks";
const ESCAPE = String.fromCodePoint(0x1b);
const HOSTILE = `<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script>${ESCAPE}[2J[link](javascript:hacked)`;

const endless = { text: NO_END, cut: "answer" as const };
const failsSixTimes = (match: string) => ({ ...endless, when: { match, times: 6 } });
const studio = useStudio(
  {
    answers: [
      ...["first-of-three", "second-of-three", "third-of-three", "asked-twice"].map(failsSixTimes),
      { ...endless, when: { match: "^Your previous response" } },
      {
        json: { summary: HOSTILE, output: HOSTILE, confidence: 0.5, emotionalState: { focus: 0.75 } },
        when: { match: "write-hostile" },
      },
    ],
  },
  150,
);
const newPage = useBrowser();

/** A page that has come in by the printed link. */
async function enter(): Promise<TestPage> {
  const entered = await newPage();
  await entered.page.goto(studio().link);
  await entered.page.getByRole("heading", { name: "Threads" }).waitFor();
  return entered;
}

async function open(page: Page, thread: string, view: string): Promise<void> {
  await page.goto(`${new URL("/control/", studio().link)}#/threads/${thread}/${view}`);
  await page.getByRole("navigation", { name: "Views of this thread" }).waitFor();
}

async function startRun(page: Page, input: string): Promise<string> {
  await page.getByRole("link", { name: "Start a run" }).click();
  await page.getByLabel("Input", { exact: true }).fill(input);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.waitForURL(/#\/threads\/[0-9a-f-]{36}/);
  return /[0-9a-f-]{36}/.exec(page.url())?.[0] ?? "";
}

const failure = (id: string) => ({ id, agent: "sydney-coder", prompt: `Do the ${id} work.` });
const status = (page: Page) => page.locator(".thread-head .status");
const toBe = (text: string) => ({ hasText: text });

describe("the control room", () => {
  it("shows a run from its start over the approval of its plan to its answer", async () => {
    const { page, troubles } = await enter();
    await startRun(page, SHARDING);

    await page.getByRole("link", { name: "Answer 1 request" }).click();
    await page.getByRole("button", { name: "Run this plan" }).click();
    await page.getByText("approved").waitFor();
    await page.getByRole("link", { name: "Graph" }).click();
    await status(page).filter(toBe("completed")).waitFor();

    await page.getByRole("button", { name: /facts/ }).click();
    const panel = page.getByRole("complementary", { name: "Task facts" });
    await panel.getByRole("heading", { name: "Output" }).waitFor();
    await panel.getByText("Emotional state").waitFor();
    await panel.getByText("attempt 1, turn 1").click();
    await panel.getByText(/claude-\S+ · [\d,]+ in · [\d,]+ out/).waitFor();
    await panel.getByRole("button", { name: "Close the task" }).click();
    await page.getByRole("heading", { name: "Answer" }).waitFor();
    expect(troubles).toEqual([]);
  });

  it("answers one of three requests and leaves the other two as they are", async () => {
    const thread = await studio().runPlan(
      ["first-of-three", "second-of-three", "third-of-three"].map(failure),
    );
    const { page, troubles } = await enter();
    await page.getByRole("link", { name: "Inbox" }).click();
    const cards = page.getByRole("article").filter(toBe(thread.slice(0, 8)));
    await cards.nth(2).waitFor();

    const second = cards.filter(toBe("second-of-three"));
    await second.getByRole("button", { name: "Advise and retry" }).click();
    await second.getByLabel("Advice for the next attempts").fill("Say less.");
    await second.getByRole("button", { name: "Advise and retry" }).click();
    await second.getByText(/answered by \S+: Say less\./).waitFor();

    await open(page, thread, "tasks");
    await page.getByRole("row").filter(toBe("second-of-three")).filter(toBe("completed")).waitFor();
    for (const id of ["first-of-three", "third-of-three"]) {
      await page.getByRole("row").filter(toBe(id)).filter(toBe("waiting")).waitFor();
    }
    await page.getByRole("link", { name: "Answer 2 requests" }).waitFor();
    expect(troubles).toEqual([]);
  });

  it("says who was first to an answer that comes late", async () => {
    const thread = await studio().runPlan([failure("asked-twice")]);
    const { page } = await enter();
    await page.route("**/events", (route) => route.abort());
    await open(page, thread, "requests");
    await page.getByRole("button", { name: "Give up" }).waitFor();
    await studio().rejectAll(thread);

    await page.getByRole("button", { name: "Give up" }).click();
    await page.getByRole("button", { name: "Give up" }).click();

    await page
      .getByRole("alert")
      .filter({ hasText: /answered/ })
      .waitFor();
  });

  it("runs a plan as it was edited", async () => {
    const { page, troubles } = await enter();
    await startRun(page, SHARDING);
    await page.getByRole("link", { name: "Answer 1 request" }).click();
    await page.getByRole("button", { name: "Edit the tasks" }).click();
    await page.getByRole("button", { name: "Remove check" }).click();
    await page.getByRole("button", { name: "Remove risks" }).click();
    const facts = page.getByRole("group", { name: "Task facts" });
    await facts.getByLabel("Prompt").fill("Collect what an elephant forgets.");
    await page.getByRole("button", { name: "Run the edited plan" }).click();
    await page.getByText("edited").waitFor();

    await page.getByRole("link", { name: "Tasks" }).click();
    await status(page).filter(toBe("completed")).waitFor();
    expect(await page.locator("tbody tr").count()).toBe(2);
    await page.getByRole("link", { name: "facts" }).click();
    await page.getByText("Prompt", { exact: true }).click();
    await page.getByLabel("Prompt of the task").getByText("Collect what an elephant forgets.").waitFor();
    expect(troubles).toEqual([]);
  });

  it("says in its place what is wrong with an edited plan, and keeps what was typed", async () => {
    const { page } = await enter();
    await startRun(page, SHARDING);
    await page.getByRole("link", { name: "Answer 1 request" }).click();
    await page.getByRole("button", { name: "Edit the tasks" }).click();
    await page.getByRole("group", { name: "Task facts" }).getByLabel("Agent").fill("nobody");
    await page.getByRole("button", { name: "Run the edited plan" }).click();

    await page.getByRole("alert").filter({ hasText: 'unknown agent "nobody"' }).waitFor();
    expect(await page.getByRole("group", { name: "Task facts" }).getByLabel("Agent").inputValue()).toBe(
      "nobody",
    );
  });

  it("lets a tool run with the arguments that a person typed", async () => {
    const prompt = 'call Bash {"command":"echo as-the-agent-wanted"}';
    const thread = await studio().runPlan([{ id: "tool", agent: "sydney-coder", prompt }]);
    const { page, troubles } = await enter();
    await open(page, thread, "requests");
    await page.getByLabel("Arguments").getByText("as-the-agent-wanted").waitFor();
    await page.getByRole("button", { name: "Edit the arguments" }).click();
    await page.getByLabel("As JSON").fill('{"command": ');
    await page.getByRole("button", { name: "Go on with this" }).click();
    await page.getByRole("alert").filter({ hasText: "This is not valid JSON" }).waitFor();

    await page.getByLabel("As JSON").fill('{"command": "echo as-a-person-typed"}');
    await page.getByRole("button", { name: "Go on with this" }).click();
    await page.getByText("edited").waitFor();

    await page.getByRole("link", { name: "Tasks" }).click();
    await page.getByRole("row").filter(toBe("completed")).waitFor();
    await page.getByRole("link", { name: "tool", exact: true }).click();
    await page.locator("summary").filter(toBe("Bash")).click();
    await page.getByLabel("Output of Bash").getByText("as-a-person-typed").waitFor();
    expect(troubles).toEqual([]);
  });

  it("goes back to a checkpoint and on from there", async () => {
    const thread = await studio().runPlan([{ id: "once", agent: "sydney-coder", prompt: "Do it once." }]);
    const { page, troubles } = await enter();
    await open(page, thread, "history");
    const row = page.getByRole("listitem").filter(toBe("before claude_executor"));
    await row.getByRole("button").click();
    await page.getByRole("button", { name: "Fork and run" }).click();

    await page.waitForURL(/\/graph$/);
    await status(page).filter(toBe("completed")).waitFor();
    await page.getByRole("link", { name: "History" }).click();
    await page.getByRole("listitem").filter(toBe("before claude_executor")).nth(1).waitFor();
    await page.getByRole("link", { name: "Graph" }).click();
    await page.getByText("Replayed, free").waitFor();
    expect(troubles).toEqual([]);
  });

  it("is where it was after a reload in the middle of a run", async () => {
    const { page, troubles } = await enter();
    await startRun(page, "@sydney-coder write a haiku. @sydney-research find what it is about.");
    await page.getByRole("link", { name: "Answer 1 request" }).click();
    await page.getByRole("button", { name: "Run this plan" }).click();
    await page.getByRole("link", { name: "Tasks" }).click();
    await page.locator("tbody a").first().click();
    const address = page.url();

    await page.reload();

    expect(page.url()).toBe(address);
    await page.getByRole("complementary", { name: /^Task / }).waitFor();
    await status(page).filter(toBe("completed")).waitFor();
    expect(troubles).toEqual([]);
  });

  it("shows what a hostile agent writes as text", async () => {
    const thread = await studio().runPlan([
      { id: "hostile", agent: "sydney-coder", prompt: "write-hostile" },
    ]);
    const { page, troubles } = await enter();
    for (const view of ["graph?task=hostile", "tasks?task=hostile", "history", "requests", "lanes"]) {
      await open(page, thread, view);
    }
    await open(page, thread, "tasks?task=hostile");
    await page.getByLabel("Output").getByText('<img src=x onerror="window.hacked = 1">').waitFor();

    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.evaluate("document.querySelectorAll('main img, main script').length")).toBe(0);
    expect(await page.locator("main").textContent()).not.toContain(ESCAPE);
    expect(troubles).toEqual([]);
  });

  it("lets nobody in without the link", async () => {
    const { page } = await newPage();
    await page.goto(new URL("/control/", studio().link).href);
    await page.getByText("the link that the studio command prints").waitFor();
  });
});
