import { UsageError } from "../domain/errors.ts";
import type { ThreadRow } from "../domain/thread.ts";
import { renderPlural } from "../format/amounts.ts";
import { clip } from "../format/text.ts";
import { pageOfThreads } from "../postgres/threads/list.ts";
import type { Arguments, Cli, ExitCode } from "./cli.ts";
import { oneLine } from "./view/display-width.ts";

type Resume = (cli: Cli, args: Arguments, id: string) => Promise<ExitCode>;

/** The most threads of one `resume --all`. */
const MOST = 10_000;
const INPUT_CHARACTERS = 60;

/**
 * Resumes every stopped thread, one after another, the oldest first. A thread that cannot be resumed is reported and does not
 * hold up the others.
 *
 * @param resume - resumes one thread and prints its end.
 * @returns 130 after a signal; else 1 when a thread failed, 3 when one waits for a human, 0 when all are completed.
 */
export async function resumeAll(cli: Cli, args: Arguments, resume: Resume): Promise<ExitCode> {
  const { database } = await cli.engine();
  const threads = (await pageOfThreads(database, { status: "stopped" }, MOST)).toReversed();
  cli.note(
    threads.length === 0 ? "No thread is stopped." : `${renderPlural(threads.length, "stopped thread")}.`,
  );
  const documents: string[] = [];
  const isJson = args.options["json"] === true;
  const one: Cli = isJson ? { ...cli, print: (text) => void documents.push(text) } : cli;
  const codes: ExitCode[] = [];
  for (const [index, thread] of threads.entries()) {
    if (cli.signal.aborted) break;
    cli.note(`\n${index + 1} of ${threads.length}: ${titleOf(thread)}`);
    codes.push(await resumeOne(one, args, thread.id, resume));
  }
  if (isJson) cli.print(`{\n"threads": [${documents.join(",\n")}]\n}`);
  if (cli.signal.aborted) return 130;
  if (codes.every((code) => code === 0)) return 0;
  return codes.every((code) => code === 0 || code === 3) ? 3 : 1;
}

function titleOf({ id, graph, input }: ThreadRow): string {
  return `${id.slice(0, 8)} (${graph}) ${clip(oneLine(input), INPUT_CHARACTERS)}`;
}

async function resumeOne(cli: Cli, args: Arguments, id: string, resume: Resume): Promise<ExitCode> {
  try {
    return await resume(cli, args, id);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    cli.note(error.message);
    return 1;
  }
}
