import { basename } from "node:path";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import type { Attack } from "./attack.ts";

/** Prints a table of all attacks at the end of the run: attack | what it tries | what stopped it. */
export class AttackTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules.flatMap(({ children }) => [
      ...[...children.allTests()].flatMap((test) =>
        rowOf(test.meta().attack ?? attackOf(test), test.result().state),
      ),
    ]);
    const heads = ["attack", "what it tries", "what stopped it"];
    process.stdout.write(`\n${[heads, ...rows].map((cells) => cells.join(" | ")).join("\n")}\n`);
  }
}

/** What stops the attacks of a file whose tests do not say it one by one. */
const STOPS: Readonly<Record<string, string>> = {
  "sandbox.attack.ts": "the sandbox",
  "server-addresses.attack.ts": "the front door and the guard",
  "server-code.attack.ts": "the reach of each option",
  "server-files.attack.ts": "private folders",
  "rules.attack.ts": "the rules of the agent's file, judged on each call",
  "trust-servers.attack.ts": "an approval by content",
  "secrets-everywhere.attack.ts": "one function that hides secrets, at the border and at the last gate",
  "hostile-answers.attack.ts": "the bounds of an answer",
  "hostile-files.attack.ts": "regular files only",
  "hostile-ids.attack.ts": "the plan's check, and keys that take any text",
};

function attackOf({ name, parent, module }: TestCase): Attack {
  const file = basename(module.moduleId);
  const title = parent.type === "suite" ? parent.name : file;
  return { name: title, tries: name, stops: STOPS[file] ?? "what the test names" };
}

function rowOf(attack: Attack | undefined, state: string): string[][] {
  if (!attack) return [];
  return [[attack.name, attack.tries, state === "passed" ? attack.stops : `NOTHING: the test ${state}`]];
}
