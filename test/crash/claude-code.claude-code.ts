import { expect, inject, it } from "vitest";
import { crashAtEach } from "../support/crash-kind.ts";
import { openSite } from "../support/crash-site.ts";
import { useTestDatabase } from "../support/database.ts";
import { useProgram } from "../support/program.ts";

const GOOD = {
  summary: "done",
  output: "The work.",
  confidence: 0.9,
  emotionalState: { focus: 1, curiosity: 0, confidence: 1, doubt: 0, frustration: 0, jealousy: 0 },
};
const CHARGE = { name: "Bash", input: { command: 'echo "$DECURION_AGENT" >> "$CHARGES"' } };
const database = useTestDatabase();
const program = useProgram("crash-program");

it("a run of Claude Code that is killed at points between two durable effects ends whole", async () => {
  const site = await openSite({
    program: program(),
    schema: database().schema,
    scenario: {
      answers: [{ tools: [CHARGE], when: { match: "^Charge the card", said: "^$" } }, { json: GOOD }],
    },
    worker: "executor: claude-code\ntools: Bash\n",
    environment: { CLAUDE_AGENT_SDK: inject("agentSdk") },
  });
  const kind = { prompts: ["Charge the card."], charges: 1 };
  // Each point takes seconds: without a choice it is every sixteenth.
  process.env["CRASH_PART"] ??= "1/16";
  const problems = await crashAtEach(kind, site, database());
  await site.close();
  expect(problems).toEqual([]);
}, 900_000);
