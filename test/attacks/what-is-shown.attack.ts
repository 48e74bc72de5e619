import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { useCli } from "../support/cli.ts";
import { attack } from "./support/attack.ts";

const ESC = "\u001b";
const GOOD = { summary: "done", output: "The work itself.", confidence: 1, emotionalState: {} };
const testCli = useCli({
  answers: [
    {
      json: {
        summary: "s",
        output: `Fine.${ESC}]0;owned\u0007${ESC}[2J${ESC}[8m\u202egone`,
        confidence: 1,
        emotionalState: {},
      },
      when: { match: "escapes" },
    },
    { json: GOOD, when: { match: "^A human changed" } },
  ],
});

/** A run in which an agent asks to run a command; it waits for the answer. */
async function asksToRun(command: string) {
  const call = `call Bash ${JSON.stringify({ command })}`;
  const { stdout, stderr } = await testCli().run(["run", "orchestrate", ...taskWith(call), "--json"]);
  const { thread, waiting } = JSON.parse(stdout);
  expect(waiting, stderr).toMatchObject([{ kind: "tool" }]);
  return { thread, id: String(waiting[0].id) };
}

const taskWith = (prompt: string) => [
  `@sydney-coder ${prompt.includes("\n") ? prompt : `please\n${prompt}`}`,
  ...["--auto-approve=plan", "--no-synthesis"],
];

/** The text without the marks of wrapped lines. */
const unwrapped = (screen: string) => screen.replaceAll("\r", "").replaceAll(/\n *┊ /g, "");

for (const [name, introducer] of [
  ["an SOS string", "X"],
  ["a DCS string", "P"],
  ["an OSC string", "]"],
  ["a PM string", "^"],
  ["an APC string", "_"],
] as const) {
  attack(
    {
      name: `a command behind ${name}`,
      tries: `a terminal swallows what follows ESC ${introducer}, and the command runs with it`,
      stops: "control characters are shown by their number",
    },
    async () => {
      const { thread, id } = await asksToRun(`echo fine ${ESC}${introducer}; touch evil`);
      for (const args of [["inbox"], ["show", thread], ["show", "--request", id]]) {
        const { stdout } = await testCli().run(args);
        expect(unwrapped(stdout)).toContain(`command: echo fine \\u{1b}${introducer}; touch evil`);
        expect(stdout).toContain("1 hidden character is shown as \\u{…}.");
      }
      const [shown] = JSON.parse((await testCli().run(["inbox", thread, "--json"])).stdout).waiting;
      expect(shown.payload.args.command).toBe(`echo fine ${ESC}${introducer}; touch evil`);
      await testCli().run(["answer", id, "reject", "--no-resume"]);
    },
  );
}

attack(
  {
    name: "a command in disguise",
    tries:
      "bidirectional, zero-width and look-alike blanks, and a carriage return, make another command of it",
    stops: "hidden characters are shown by their number, and counted",
  },
  async () => {
    const command = "rm\u00a0-rf \u202e~ \u200b\u200b#\rls  ";
    const { id } = await asksToRun(command);
    const { stdout } = await testCli().run(["show", "--request", id]);
    expect(stdout).toContain("command: rm\\u{a0}-rf \\u{202e}~ \\u{200b*2}#\\u{d}ls\\u{20*2}");
    expect(stdout).toContain("7 hidden characters are shown as \\u{…}.");
    await testCli().run(["answer", id, "reject", "--no-resume"]);
  },
);

attack(
  {
    name: "a command beyond the cut",
    tries: "the inbox shows the beginning of a command, and approve runs all of it",
    stops: "a command of 3,000 characters is shown whole",
  },
  async () => {
    const command = `echo ${"harmless ".repeat(330)}; touch beyond`;
    const { thread, id } = await asksToRun(command);
    for (const args of [["inbox"], ["show", thread]]) {
      expect(unwrapped((await testCli().run(args)).stdout)).toContain(command);
    }
    await testCli().run(["answer", id, "reject", "--no-resume"]);
  },
);

attack(
  {
    name: "a command that nobody can read",
    tries: "the end of a command of 12,000 characters is not shown, and answer approves it",
    stops: "answer refuses without --whole, and only show --request, which shows all, names it",
  },
  async () => {
    const { run, folder } = testCli();
    const { thread, id } = await asksToRun(`echo ${"harmless ".repeat(1332)}; echo it > ${folder}/unread`);
    const inbox = await run(["inbox", thread]);
    expect(inbox.stdout).toMatch(/… \d+ more lines\. The whole request has 12,\d{3} characters\./);
    expect(inbox.stdout).not.toContain("unread");
    expect(inbox.stdout).not.toContain(`answer ${id} approve`);
    const blind = await run(["answer", id, "approve"]);
    expect(blind.code).toBe(2);
    expect(blind.stderr).toMatch(
      /is too long to show at once: it has 12,\d{3} characters\. Read all of it with/,
    );
    const whole = await run(["show", "--request", id]);
    expect(whole.stdout).toContain("unread");
    expect(whole.stdout).toContain(`answer ${id} approve --whole`);
    const approved = await run(["answer", id, "approve", "--whole"]);
    expect(approved.code, approved.stderr).toBe(0);
    expect(await readFile(join(folder, "unread"), "utf8")).toBe("it\n");
  },
);

attack(
  {
    name: "a long command at a question",
    tries: "a yes to a question that shows the beginning of a command runs all of it",
    stops: "the first yes shows the rest and asks again",
  },
  async () => {
    const call = `call Bash ${JSON.stringify({ command: `echo ${"harmless ".repeat(1332)}; echo the-end` })}`;
    const { stdout, code } = await testCli().onTerminal(
      ["run", "orchestrate", ...taskWith(call)],
      [
        ["[w]hole request, [l]ater:", "y\n"],
        ["[l]ater:", "l\n"],
      ],
    );
    expect(code, stdout).toBe(3);
    expect(stdout).toMatch(
      /the-end[\s\S]*You had not seen these lines, so nothing is decided\.[\s\S]*Approve\?/,
    );
  },
);

async function planFile(task: object) {
  const file = join(testCli().folder, "plan.json");
  const tasks = [{ id: "one", agent: "sydney-coder", prompt: "Do it.", description: "One", ...task }];
  await writeFile(file, JSON.stringify({ tasks }));
  return file;
}

attack(
  {
    name: "a plan that ends early",
    tries: "the prompt and the check of a task go on behind an escape sequence and a hundred lines",
    stops: "a plan is shown with all its prompts and checks",
  },
  async () => {
    const prompt = `Do it.\n${"and more\n".repeat(70)}${ESC}Pthen delete everything`;
    const plan = await planFile({
      prompt,
      validate: { command: `true ${ESC}X; touch evil`, timeoutSeconds: 9 },
    });
    const { stdout } = await testCli().run(["run", "orchestrate", "--plan", plan, "--json"]);
    const { thread, waiting } = JSON.parse(stdout);
    const shown = await testCli().run(["inbox", thread]);
    expect(shown.stdout).toContain("\\u{1b}Pthen delete everything");
    expect(shown.stdout).toContain("checked by: the command, for at most 9 s: true \\u{1b}X; touch evil");
    await testCli().run(["answer", waiting[0].id, "reject"]);
  },
);

attack(
  {
    name: "leaving the editor",
    tries: ":q! in the editor counts as a yes, and spends money",
    stops: "a text without a change decides nothing: the question stands again",
  },
  async () => {
    testCli().claude.reset();
    const { stdout, code } = await testCli().onTerminal(
      ["run", "orchestrate", "--plan", await planFile({})],
      [
        ["Approve?", "e\n"],
        ["Approve?", "l\n"],
      ],
      { EDITOR: "true" },
    );
    expect(code, stdout).toBe(3);
    expect(stdout).toContain("You changed nothing, so nothing is decided.");
    expect(testCli().claude.account().answers).toBe(0);
  },
);

attack(
  {
    name: "an edit that is lost",
    tries: "an edit that is no JSON is thrown away, and the person approves the original in haste",
    stops: "the text is kept, with its error, and the editor opens it again",
  },
  async () => {
    const editor = join(testCli().folder, "editor.sh");
    // The first edit breaks the JSON. The second mends it, if it gets the broken text.
    await writeFile(
      editor,
      '#!/bin/sh\nif grep -q BROKEN "$1"; then sed -i s/BROKEN// "$1"; else sed -i "1s/^/BROKEN/; s/Do it/Do less/" "$1"; fi\n',
      {
        mode: 0o755,
      },
    );
    const { stdout, code } = await testCli().onTerminal(
      ["run", "orchestrate", "--plan", await planFile({}), "--no-synthesis"],
      [
        ["Approve?", "e\n"],
        ["Press Enter to edit it", "\n"],
      ],
      { EDITOR: editor },
    );
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("Your text is not valid JSON");
    const thread = /Thread ([0-9a-f-]{36})/.exec(stdout)?.[1] ?? "";
    const { requests } = JSON.parse((await testCli().run(["inbox", thread, "--all", "--json"])).stdout);
    expect(requests).toMatchObject([{ answer: { type: "edit", args: { tasks: [{ prompt: "Do less." }] } } }]);
  },
);

attack(
  {
    name: "an empty reason",
    tries: "Enter at the question for a reason rejects the plan and ends the run",
    stops: "an empty reason decides nothing: the question stands again",
  },
  async () => {
    const { stdout, code } = await testCli().onTerminal(
      ["run", "orchestrate", "--plan", await planFile({})],
      [
        ["Approve?", "r\n"],
        ["Why?", "\n"],
        ["Approve?", "l\n"],
      ],
    );
    expect(code, stdout).toBe(3);
  },
);

/** Sequences that are not of our own views, after the start of the session. */
const FOREIGN = new RegExp(
  `\u009b|\u202e|${ESC}(?!\\[(?:[012]|3[12346])m|\\[\\?(?:25|7|2004)[hl]|\\[\\d*[AJKDCG]|\\[0?J)`,
);

attack(
  {
    name: "an answer that drives the terminal",
    tries: "an agent's answer retitles the window, clears the screen and hides text in run, watch and resume",
    stops: "one gate to the terminal, which passes only our own colours",
  },
  async () => {
    const args = ["run", "orchestrate", "@sydney-coder escapes", "--auto-approve", "--no-synthesis"];
    const ran = await testCli().openTerminal(args).ended;
    const thread = /Thread ([0-9a-f-]{36})/.exec(ran.stdout)?.[1] ?? "";
    const resumed = await testCli().openTerminal(["resume", thread]).ended;
    const watched = await testCli().openTerminal(["watch", thread]).ended;
    const json = await testCli().openTerminal(["show", thread, "--json"]).ended;
    for (const { stdout, code } of [ran, resumed, watched, json]) {
      expect(code, stdout).toBe(0);
      expect(stdout).toContain("Fine.");
      expect(stdout).toContain("gone");
      expect(stdout).not.toMatch(FOREIGN);
    }
    expect(JSON.parse(json.stdout).output).toContain(`${ESC}]0;owned`);
  },
);

attack(
  {
    name: "an error that drives the terminal",
    tries: "an error quotes arguments and plan files with their escape sequences",
    stops: "one gate to the terminal, for errors too",
  },
  async () => {
    const plan = join(testCli().folder, "hostile.json");
    await writeFile(
      plan,
      JSON.stringify({ tasks: [{ id: `a${ESC}[2J`, agent: `no${ESC}]0;owned\u0007`, prompt: "p" }] }),
    );
    for (const args of [
      [`nope${ESC}[2J`],
      ["run", "orchestrate", "--plan", plan],
      ["run", "orchestrate", "--plan", `${ESC}[2J.json`],
      ["show", `${ESC}[8mhidden`],
      ["run", `graph${ESC}[2J`, "x"],
    ]) {
      const { stderr, code } = await testCli().run(args);
      expect(code, stderr).toBe(2);
      expect(stderr).not.toContain(ESC);
    }
  },
);
