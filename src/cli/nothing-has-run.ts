import { commandLine } from "../app.ts";
import { UsageError } from "../domain/errors.ts";
import type { Arguments, Cli } from "./cli.ts";

const SENTENCE = "Nothing has run here yet.";

/**
 * For commands that list. Reports an empty project without starting a database.
 *
 * @param empty - the document of --json for an empty project.
 * @returns whether the project is empty.
 */
export async function saysNothingHasRun(cli: Cli, { options }: Arguments, empty: object): Promise<boolean> {
  if (await cli.hasRun()) return false;
  cli.print(
    options["json"]
      ? JSON.stringify(empty, null, 2)
      : `${SENTENCE} Start a run: ${commandLine('run orchestrate "…"')}`,
  );
  return true;
}

/** For commands about one thread or request. @throws UsageError in an empty project. */
export async function refuseWhereNothingHasRun(cli: Cli, what: string): Promise<void> {
  if (!(await cli.hasRun())) throw new UsageError(`${SENTENCE} There is no ${what}.`);
}
