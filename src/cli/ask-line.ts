import { createInterface } from "node:readline/promises";
import type { Cli } from "./cli.ts";

/** One line from the person, or undefined when the input has ended or Ctrl-C was pressed. */
export async function askLine(cli: Cli, question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve, reject) => {
      lines.once("close", () => resolve(undefined));
      lines.question(question, { signal: cli.signal }).then((line) => resolve(line.trim()), reject);
    });
  } catch (error) {
    if (cli.signal.aborted) return undefined;
    throw error;
  } finally {
    lines.close();
  }
}
