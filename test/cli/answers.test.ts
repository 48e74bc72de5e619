import { writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useCli } from "../support/cli.ts";
import { NO_END } from "../support/no-end.ts";

const GOOD = { summary: "done", output: "The work itself.", confidence: 1, emotionalState: {} };
const testCli = useCli({
  answers: [
    { json: GOOD, when: { match: "A human[^]*use JSON" } },
    { text: NO_END, cut: "answer", when: { match: "garbled|^Your previous response" } },
  ],
  faults: [{ kind: "latency", ms: 2000, when: { match: "slowly" } }],
});
const ME = `${userInfo().username}@${hostname()}`;
const APPROVE_ALL = [
  "--auto-approve",
  "--no-escalation",
  "--no-synthesis",
  "--budget",
  "5",
  "--parallel",
  "1",
];

/** Three tasks that fail and wait. */
async function planOfThree() {
  const file = join(testCli().folder, "plan.json");
  const tasks = ["one", "two", "three"].map((id) => ({ id, agent: "sydney-coder", prompt: "garbled" }));
  await writeFile(file, JSON.stringify({ tasks }));
  return file;
}

const idIn = (text: string, kind: string) => new RegExp(`${kind}-[0-9a-f]{16}`).exec(text)?.[0] ?? "";

describe("answer", () => {
  it("of one request in three goes on with its task in the foreground, and ends with 3 while two wait", async () => {
    const { run } = testCli();
    const asked = await run(["run", "orchestrate", "--plan", await planOfThree(), ...APPROVE_ALL, "--json"]);
    expect(asked.code, asked.stderr).toBe(3);
    const { thread, waiting } = JSON.parse(asked.stdout);
    expect(waiting).toHaveLength(3);
    const [first, second, third] = waiting;

    const partly = await run(["answer", second.id, "respond", "--message", "use JSON", "--json"]);

    expect(partly.code).toBe(3);
    expect(partly.stderr).toContain(`still waits for ${first.id}, ${third.id}`);
    const report = JSON.parse(partly.stdout);
    expect(report.waiting.map(({ id }: { id: string }) => id)).toEqual([first.id, third.id]);
    expect(report.tasks.map(({ status }: { status: string }) => status)).toEqual([
      ...["waiting", "completed", "waiting"],
    ]);

    const again = await run(["answer", second.id, "reject"]);
    expect(again).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`already answered with "respond" by ${ME} (cli) at 20`),
    });
    const input = await run(["run", "orchestrate", "something new", "--thread", thread]);
    expect(input.code).toBe(2);
    expect(input.stderr).toMatch(
      new RegExp(`waits for an answer to ${first.id} and 1 more, .*"answer ${first.id}`),
    );
    await run(["answer", first.id, "reject", "--message", "no need", "--json"]);
    const done = await run(["answer", third.id, "respond", "--message", "use JSON", "--json"]);
    expect(done.code).toBe(1);
    expect(JSON.parse(done.stdout)).toMatchObject({ status: "partial", waiting: [] });

    const all = await run(["inbox", thread, "--all"]);
    expect(all.stdout).toContain("Nothing waits for you");
    expect(all.stdout).toMatch(new RegExp(`rejected by ${ME} \\(cli\\), [\\w ]+: no need`));
    expect(all.stdout).toMatch(/approved \(auto-approve\), \w/);
    expect((await run(["show", thread])).stdout).toContain(
      `${second.id} (task two): answered by ${ME} (cli)`,
    );
    const { requests } = JSON.parse((await run(["inbox", thread, "--all", "--json"])).stdout);
    expect(requests).toContainEqual(
      expect.objectContaining({ id: first.id, answeredBy: ME, answeredVia: "cli", status: "answered" }),
    );
  });
});

describe("an answer that nobody continues with", () => {
  it("leaves the thread stopped, with the command that goes on", async () => {
    const { run } = testCli();
    const asked = await run(["run", "orchestrate", "@sydney-coder write it", "--json"]);
    const { thread, status, waiting } = JSON.parse(asked.stdout);
    expect({ status, code: asked.code }).toEqual({ status: "waiting", code: 3 });

    const recorded = await run(["answer", waiting[0].id, "approve", "--no-resume", "--json"]);

    const resume = expect.stringContaining(`resume ${thread}`);
    expect(recorded.code, recorded.stderr).toBe(0);
    expect(JSON.parse(recorded.stdout)).toMatchObject({ status: "stopped", waiting: [], resume });
    const shown = await run(["show", thread]);
    expect(shown.stdout).toMatch(new RegExp(`Resume it with:\\s+npm run graph -- resume ${thread}`));
    const listed = await run(["list", "--status", "stopped", "--json"]);
    expect(JSON.parse(listed.stdout).threads).toMatchObject([{ id: thread, status: "stopped" }]);
    const waits = await run(["list", "--status", "waiting", "--json"]);
    expect(waits.stdout).not.toContain(thread);
    const { code, stdout } = await run(["resume", "--all", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).threads).toMatchObject([{ thread, status: "completed" }]);
  });
});

describe("a question that stands on a terminal", () => {
  it("notices that somebody answered elsewhere, and goes on from there", async () => {
    const { run, onTerminal } = testCli();
    let elsewhere: Promise<unknown> = Promise.resolve();
    const { stdout, code } = await onTerminal(
      ["run", "orchestrate", "@sydney-coder write it"],
      [
        [
          "Approve?",
          (screen) => (elsewhere = run(["answer", idIn(screen, "plan"), "approve", "--no-resume"])),
        ],
      ],
    );
    await elsewhere;

    expect(code, stdout).toBe(0);
    expect(stdout).toContain(`approved by ${ME} (cli), just now`);
    expect(stdout).toContain("✓ Completed");
  });

  it("follows the thread where the other terminal runs it", async () => {
    const { run, onTerminal } = testCli();
    let elsewhere = Promise.resolve({ code: 0 as number | null });
    const { stdout, code } = await onTerminal(
      ["run", "orchestrate", "@sydney-coder write it slowly"],
      [["Approve?", (screen) => (elsewhere = run(["answer", idIn(screen, "plan"), "approve"]))]],
    );

    expect((await elsewhere).code).toBe(0);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("✓ Completed");
  });

  it("is followed by watch, which goes on through the wait to the end", async () => {
    const { run, onTerminal } = testCli();
    const asked = await run(["run", "orchestrate", "@sydney-coder write it", "--json"]);
    const { thread, waiting } = JSON.parse(asked.stdout);
    let elsewhere: Promise<unknown> = Promise.resolve();
    const { stdout, code } = await onTerminal(
      ["watch", thread],
      [["? Waiting for you", () => (elsewhere = run(["answer", waiting[0].id, "approve"]))]],
    );
    await elsewhere;
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("✓ Completed");
  });

  it("is answered by default at its deadline, which is shown", async () => {
    const args = ["run", "orchestrate", "@sydney-coder write it", "--deadline", "2s=approve"];
    const { stdout, code } = await testCli().onTerminal(args, [["Approve?", async () => undefined]]);
    expect(stdout).toMatch(/approved (in \d\.\d s|now)/);
    expect(stdout).toContain("approved (deadline), just now");
    expect(code).toBe(0);
  });

  it("is one of several, one after the other; what is left for later waits, the rest goes on", async () => {
    const { stdout, code } = await testCli().onTerminal(
      ["run", "orchestrate", "--plan", await planOfThree(), ...APPROVE_ALL],
      [
        ["What now?", "l\n"],
        ["What now?", "s\n"],
        ["What should the next attempt do better?", "use JSON\n"],
        ["What now?", "g\n"],
        ["What now?", "l\n"],
      ],
    );
    expect(code, stdout).toBe(3);
    expect(stdout).toContain("1 of 3 tasks");
    expect(stdout).toContain("? Waiting for you");
  });

  it("takes the number of one of the answers that an agent offers", async () => {
    const call = 'call ask_human {"question":"Which colour?","options":["red","blue"]}';
    const args = ["run", "orchestrate", `@sydney-coder ${call}`, "--auto-approve", "--ask", "question"];
    const { stdout, code } = await testCli().onTerminal(args, [["What do you say?", "2\n"]]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("1) red\r\n2) blue\r\n");
    expect(stdout).toContain("What do you say? 1–2, [a]nswer, [n]o, [l]ater:");
    const thread = /Thread ([0-9a-f-]{36})/.exec(stdout)?.[1] ?? "";
    const { requests } = JSON.parse((await testCli().run(["inbox", thread, "--all", "--json"])).stdout);
    expect(requests).toMatchObject([{ kind: "plan" }, { kind: "question", answer: { message: "blue" } }]);
  });

  it("lets an answer be edited as the text that it is", async () => {
    const args = ["run", "orchestrate", "@sydney-coder write it", "--ask", "plan=never,result"];
    const { stdout, code } = await testCli().onTerminal(args, [["Approve?", "e\n"]], {
      EDITOR: "sed -i 1s/^/Mine:/",
    });
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("A result waits for you");
    expect(stdout).toMatch(/\nMine:/);
  });
});
