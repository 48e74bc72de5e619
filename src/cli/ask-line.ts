import { createInterface } from "node:readline/promises";
import type { Cli } from "./cli.ts";

const NEVER = new AbortController().signal;

/**
 * One line from the person, or undefined when the input has ended, Ctrl-C was pressed, or the question is answered.
 *
 * @param answered - aborted when nobody needs to answer any more.
 */
export async function askLine(
  cli: Cli,
  question: string,
  answered: AbortSignal = NEVER,
): Promise<string | undefined> {
  const signal = AbortSignal.any([cli.signal, answered]);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve, reject) => {
      lines.once("close", () => resolve(undefined));
      lines.question(question, { signal }).then((line) => resolve(line.trim()), reject);
    });
  } catch (error) {
    if (answered.aborted) process.stderr.write("\n");
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    lines.close();
  }
}
