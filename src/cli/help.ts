import { commandLine, readFolders } from "../app.ts";
import { listGraphs } from "../runs/graph-list.ts";
import type { Command } from "./cli.ts";
import type { CommandEntry } from "./commands.ts";
import { wrapToWidth } from "./view/display-width.ts";

/** All commands, and an example for each graph. */
export async function renderHelp(commands: readonly CommandEntry[], columns: number): Promise<string> {
  const { graphs, wrong } = await listGraphs(readFolders());
  const entries = commands.map(({ name, usage, summary }) => ({
    head: `${name} ${usage}`.trim(),
    text: summary,
  }));
  return [
    ...wrapToWidth(
      "Decurion runs workflows of Claude agents: one level deep, up to ten in parallel, everything in Postgres.",
      columns,
    ),
    "",
    `Usage: ${commandLine("<command>")}`,
    ...renderEntries(entries, columns),
    "",
    "Examples:",
    ...[...graphs.keys()].map(
      (name) => `  ${commandLine(`run ${name}`)} "Compare three ways to shard a queue"`,
    ),
    ...[...wrong.values()].flatMap((sentence) => wrapToWidth(sentence, columns)),
    "",
    `Options of a command: ${commandLine("help <command>")}`,
  ].join("\n");
}

export function renderCommandHelp(command: Command, columns: number): string {
  const entries = Object.entries(command.options).map(([name, { value, optional, help }]) => {
    const shown = value === undefined ? "" : optional ? `[=${value}]` : ` ${value}`;
    return { head: `--${name}${shown}`, text: help };
  });
  return [
    `Usage: ${commandLine(`${command.name} ${command.usage}`)}`,
    ...wrapToWidth(command.summary, columns - 2).map((line) => `  ${line}`),
    ...(entries.length > 0 ? ["", ...renderEntries(entries, columns)] : []),
  ].join("\n");
}

interface Entry {
  readonly head: string;
  readonly text: string;
}

/** A longer head has its text on the next line, and so has every head on a narrow terminal. */
const HEAD_MAX = 24;
const TEXT_MIN = 30;

/** Two columns: heads, and their texts wrapped. */
function renderEntries(entries: readonly Entry[], columns: number): string[] {
  const short = entries.map(({ head }) => head.length).filter((length) => length <= HEAD_MAX);
  const width = Math.max(0, ...short);
  const left = width + 4;
  const isNarrow = columns - left < TEXT_MIN;
  const indent = " ".repeat(isNarrow ? 6 : left);
  return entries.flatMap(({ head, text }) => {
    const lines = wrapToWidth(text, columns - indent.length).map((line) => indent + line);
    if (isNarrow || head.length > HEAD_MAX) return [`  ${head}`, ...lines];
    const [first = "", ...rest] = lines;
    return [`  ${head.padEnd(width)}  ${first.trimStart()}`, ...rest];
  });
}
