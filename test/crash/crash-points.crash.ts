import { describe, expect, it } from "vitest";
import { type CrashKind, crashAtEach } from "../support/crash-kind.ts";
import { openSite } from "../support/crash-site.ts";
import { useTestDatabase } from "../support/database.ts";
import { PACKAGE_FOLDER } from "../support/package-folder.ts";
import { useProgram } from "../support/program.ts";

// Kills a real process at every point between two effects that stay, one after the other, and lets another process with other
// settings go on. The points are not named here: a first run counts what changes something in Postgres, and the first and
// last events of Claude's answers.

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const PLAN = {
  tasks: ["a", "b"].map((id) => ({
    id,
    agent: "worker",
    description: id,
    prompt: `Do ${id}.`,
    dependsOn: id === "b" ? ["a"] : [],
  })),
};
const charge = (name: string) => ({
  tools: [{ name, input: { card: "4242" } }],
  when: { match: name === "charge" ? "^Charge" : "^Use the bank", said: "^$" },
});
const scenario = {
  answers: [
    { json: PLAN, when: { match: "^Plan" } },
    { json: { passes: true, reason: "fine" }, when: { match: "^Validate" } },
    charge("charge"),
    charge("mcp__bank__charge"),
    { json: { ...GOOD, output: "Odd \u0000 text." }, when: { match: "odd" } },
    { json: GOOD },
  ],
};
const server = `${PACKAGE_FOLDER}/test/support/charging-server.mjs`;

/** The longest ones first, because they are tried side by side. */
const KINDS: Readonly<Record<string, CrashKind>> = {
  approval: {
    prompts: ["Charge the card."],
    charges: 1,
    options: { autoApprove: [], ask: { tool: "always" } },
    asks: ["plan", "tool"],
  },
  planned: {},
  tools: { prompts: ["Charge the card."], charges: 1 },
  mcp: {
    prompts: ["Use the bank."],
    worker: `mcpServers:\n  bank:\n    command: ${process.execPath}\n    args: [${server}]\n`,
    charges: 1,
  },
  validator: { prompts: ["Do it, odd."], validate: { agent: "judge" } },
  interrupt: { graph: "asking", asks: ["interrupt"] },
  plain: { prompts: ["Do it."] },
};

const database = useTestDatabase();
const program = useProgram("crash-program");

describe.concurrent("a run that is killed at each point between two durable effects", () => {
  it.each(Object.entries(KINDS))("ends whole: %s", async (_, kind) => {
    const site = await openSite({
      program: program(),
      schema: database().schema,
      scenario,
      ...(kind.worker && { worker: kind.worker }),
    });
    const problems = await crashAtEach(kind, site, database());
    await site.close();
    expect(problems).toEqual([]);
  });
});
