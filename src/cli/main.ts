import { commandLine, readFolders, secretsOfProcess } from "../app.ts";
import { messageOf, UsageError } from "../domain/errors.ts";
import { hiding } from "../domain/secrets.ts";
import { closestTo } from "../format/close-matches.ts";
import type { GraphModules } from "../runs/load-graphs.ts";
import { readOwnManifest } from "../runs/own-manifest.ts";
import { parseArguments } from "./arguments.ts";
import type { ExitCode } from "./cli.ts";
import { COMMANDS, type CommandEntry, loadCommand } from "./commands.ts";
import { isExpected, isWrongUse } from "./expected-error.ts";
import { renderCommandHelp, renderHelp } from "./help.ts";
import { openCli } from "./open-cli.ts";
import { refuseInsideAgent } from "./refuse-inside-agent.ts";
import { stderr, stdout } from "./terminal.ts";
import { wrapToWidth } from "./view/display-width.ts";
import { widthOf } from "./view/render-options.ts";

const HELP_WORDS = new Set(["help", "--help", "-h"]);

/**
 * The command line. Every error is one sentence on stderr, and with --json also a document on stdout: `{ "error": "…" }`.
 *
 * @returns the exit code: 0 completed, 1 failed or partial, 2 wrong use, 3 waiting for a human, 130 stopped.
 */
export async function main(argv: readonly string[], modules: GraphModules): Promise<ExitCode> {
  const [name = isTerminal() ? "start" : "help", ...rest] = argv;
  try {
    if (name === "--version") return await printVersion();
    if (HELP_WORDS.has(name)) return await printHelp(rest[0]);
    const entry = findCommand(name);
    if (rest.some((word) => word === "--help" || word === "-h")) return await printHelp(name);
    const command = await loadCommand(entry);
    const args = parseArguments(command, rest);
    const { cli, close } = openCli(modules);
    try {
      refuseInsideAgent(cli);
      return await command.run(cli, args);
    } finally {
      await close();
    }
  } catch (error) {
    return reportError(error, asksForJson(rest));
  }
}

/** Whether --json is among the options, also where they cannot be parsed. */
function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return words.slice(0, end < 0 ? undefined : end).includes("--json");
}

/** Whether a person can answer questions here. */
function isTerminal(): boolean {
  return process.stdin.isTTY === true && stderr.isTTY === true;
}

function findCommand(name: string): CommandEntry {
  const command = COMMANDS.find((known) => known.name === name);
  if (command) return command;
  const [close] = closestTo(
    name,
    COMMANDS.map((known) => known.name),
  );
  const hint = close ? `Did you mean "${close}"?` : `See: ${commandLine("help")}.`;
  throw new UsageError(`There is no command "${name}". ${hint}`);
}

async function printHelp(name: string | undefined): Promise<ExitCode> {
  const columns = widthOf(stdout);
  const text = name
    ? renderCommandHelp(await loadCommand(findCommand(name)), columns)
    : await renderHelp(COMMANDS, columns);
  stdout.write(`${text}\n`);
  return 0;
}

async function printVersion(): Promise<ExitCode> {
  const { version } = await readOwnManifest(readFolders().package);
  stdout.write(`${version}\n`);
  return 0;
}

/** Wrong use and refusals by Claude are one sentence. Any other error is a defect of Decurion, and is named as one. */
function reportError(error: unknown, asJson: boolean): ExitCode {
  const message = hiding(secretsOfProcess())(messageOf(error)).replaceAll(/\s*\n\s*/g, " ");
  const line = `${isExpected(error) ? "" : "internal error: "}${message}`;
  if (asJson) stdout.write(`${JSON.stringify({ error: line }, null, 2)}\n`);
  stderr.write(`${wrapToWidth(`decurion: ${line}`, widthOf(stderr)).join("\n")}\n`);
  return isWrongUse(error) ? 2 : 1;
}
