import { createInterface } from "node:readline/promises";
import type { Cli } from "./cli.ts";
import { gate } from "./terminal.ts";
import { wrapToWidth } from "./view/display-width.ts";
import { widthOf } from "./view/render-options.ts";

const NEVER = new AbortController().signal;

/**
 * Asks the person for one line. Undefined after the end of the input, Ctrl-C, or an answer from elsewhere.
 *
 * @param answered - aborted by an answer from elsewhere.
 */
export async function askLine(
  cli: Cli,
  question: string,
  answered: AbortSignal = NEVER,
): Promise<string | undefined> {
  const signal = AbortSignal.any([cli.signal, answered]);
  const shown = wrapToWidth(question, widthOf(cli.err));
  const last = shown.pop() ?? "";
  for (const line of shown) cli.err.write(`${line}\n`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve, reject) => {
      lines.once("close", () => resolve(undefined));
      lines.question(`${gate(last)} `, { signal }).then((line) => resolve(line.trim()), reject);
    });
  } catch (error) {
    if (answered.aborted) cli.err.write("\n");
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    lines.close();
  }
}
