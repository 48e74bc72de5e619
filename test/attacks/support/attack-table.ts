import type { Reporter, TestModule } from "vitest/node";
import type { Attack } from "./attack.ts";

/** Prints a table of all attacks at the end of the run: attack | what it tries | what stopped it. */
export class AttackTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules.flatMap(({ children }) => [
      ...[...children.allTests()].flatMap((test) => rowOf(test.meta().attack, test.result().state)),
    ]);
    const heads = ["attack", "what it tries", "what stopped it"];
    process.stdout.write(`\n${[heads, ...rows].map((cells) => cells.join(" | ")).join("\n")}\n`);
  }
}

function rowOf(attack: Attack | undefined, state: string): string[][] {
  if (!attack) return [];
  return [[attack.name, attack.tries, state === "passed" ? attack.stops : `NOTHING: the test ${state}`]];
}
