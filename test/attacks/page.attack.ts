import { afterAll, beforeAll, expect } from "vitest";
import { useBrowser } from "../support/control-room/browser.ts";
import { aRequest, aThread, ORCHESTRATE, shownAs, threadId } from "../support/control-room/data.ts";
import { type Fixture, startFixture } from "../support/control-room/fixture-server.ts";
import { attack } from "./support/attack.ts";

const ESC = "\u001b";
const THREAD = threadId(1);
const CALL = { task: "one", agent: "coder", call: "c", attempt: 1, turn: 1 };
const command = (text: string) => shownAs("tool", { ...CALL, tool: "Bash", args: { command: text } });
const task = {
  id: "one",
  agent: "coder",
  description: "One",
  prompt: `Do it.${ESC}P And more\u202e.`,
  dependsOn: [],
};
const validate = { command: `npm test ${ESC}X; touch evil` };

const REQUESTS = [
  aRequest("hidden", THREAD, { ...command(`echo fine ${ESC}X; rm\u00a0-rf ~ \u200b#  `), summary: "hidden" }),
  aRequest("long", THREAD, {
    ...command(`echo ${"harmless ".repeat(1332)}; touch the-end`),
    summary: "long",
  }),
  aRequest("pushed", THREAD, { ...command(`ls${"\n".repeat(300)}touch pushed`), summary: "pushed" }),
  aRequest("plan", THREAD, { ...shownAs("plan", { tasks: [{ ...task, validate }] }), summary: "plan" }),
];

const newPage = useBrowser();
let fixture: Fixture;
beforeAll(async () => {
  const thread = aThread(1, { status: "waiting", endedAt: null, output: null });
  fixture = await startFixture({
    threads: new Map([[THREAD, { thread, tasks: [], requests: REQUESTS }]]),
    tasks: new Map(),
    history: new Map(),
    graph: ORCHESTRATE,
  });
});
afterAll(() => fixture.close());

async function card(name: string) {
  const { page } = await newPage();
  await page.goto(`${fixture.url}#/inbox`);
  const found = page.getByRole("article", { name: new RegExp(`: ${name}$`) });
  await found.waitFor();
  return found;
}

attack(
  {
    name: "a command in disguise, on the page",
    tries: "a browser draws no control character, and other blanks like blanks",
    stops: "the same text for decisions as on the terminal",
  },
  async () => {
    const hidden = await card("hidden");
    expect(await hidden.getByRole("region", { name: "command" }).textContent()).toBe(
      "echo fine \\u{1b}X; rm\\u{a0}-rf ~ \\u{200b}#\\u{20*2}",
    );
    await hidden.getByText("5 hidden characters are shown as \\u{…}.").waitFor();
    const pushed = await card("pushed");
    expect(await pushed.getByRole("region", { name: "command" }).textContent()).toBe(
      "ls\\u{a*299}\ntouch pushed",
    );
  },
);

attack(
  {
    name: "a long command on the page",
    tries: "the page shows 6,000 characters in a box that scrolls, and Allow runs all of them",
    stops: "Allow works only after the button that shows all; no box scrolls",
  },
  async () => {
    const long = await card("long");
    expect(await long.textContent()).not.toContain("the-end");
    expect(await long.getByRole("button", { name: "Allow" }).isDisabled()).toBe(true);
    expect(await long.getByRole("button", { name: "Edit the arguments" }).isDisabled()).toBe(true);
    expect(await long.getByRole("button", { name: "Deny" }).isDisabled()).toBe(false);
    await long.getByRole("button", { name: /^Show all 12,\d{3} characters$/ }).click();
    await long.getByText("the-end").waitFor();
    expect(await long.getByRole("button", { name: "Allow" }).isDisabled()).toBe(false);
    const box = long.getByRole("region", { name: "command" });
    const text = await box.locator("pre").boundingBox();
    expect(text?.height).toBeLessThanOrEqual((await box.boundingBox())?.height ?? 0);
  },
);

attack(
  {
    name: "a plan on the page",
    tries: "a folded task hides its prompt, and the form for edits its check",
    stops: "tasks are open with prompt and check, also above the form",
  },
  async () => {
    const plan = await card("plan");
    const prompt = plan.getByRole("region", { name: "Prompt of one" });
    const check = plan.getByRole("region", { name: "Check of one" });
    expect(await prompt.isVisible()).toBe(true);
    expect(await prompt.textContent()).toBe("Do it.\\u{1b}P And more\\u{202e}.");
    expect(await check.textContent()).toBe("the command: npm test \\u{1b}X; touch evil");
    await plan.getByText("3 hidden characters are shown as").waitFor();
    await plan.getByRole("button", { name: "Edit the tasks" }).click();
    await plan.getByRole("button", { name: "Run the edited plan" }).waitFor();
    expect(await check.isVisible()).toBe(true);
  },
);
