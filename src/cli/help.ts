import { commandLine, readFolders } from "../app.ts";
import { listGraphs } from "../runs/graph-list.ts";
import type { Command } from "./cli.ts";
import type { CommandEntry } from "./commands.ts";

/** All commands in a line each, and an example for every graph. */
export async function renderHelp(commands: readonly CommandEntry[]): Promise<string> {
  const graphs = [...(await listGraphs(readFolders())).keys()];
  const usages = commands.map((command) => ({ head: `${command.name} ${command.usage}`.trim(), command }));
  const width = Math.max(...usages.map(({ head }) => head.length));
  return [
    "Decurion runs workflows of Claude agents: one level deep, ten at once, everything in Postgres.",
    "",
    commandLine("<command>"),
    ...usages.map(({ head, command }) => `  ${head.padEnd(width)}  ${command.summary}`),
    "",
    "Graphs:",
    ...graphs.map((name) => `  ${commandLine(`run ${name}`)} "Compare three ways to shard a Postgres queue"`),
    "",
    `${commandLine("help <command>")} shows its options.`,
  ].join("\n");
}

export function renderCommandHelp(command: Command): string {
  const options = Object.entries(command.options).map(([name, { value, optional, help }]) => {
    const shown = value === undefined ? "" : optional ? `[=${value}]` : ` ${value}`;
    return { head: `--${name}${shown}`, help };
  });
  const width = Math.max(0, ...options.map(({ head }) => head.length));
  return [
    commandLine(`${command.name} ${command.usage}`),
    `  ${command.summary}`,
    ...(options.length > 0
      ? ["", ...options.map(({ head, help }) => `  ${head.padEnd(width)}  ${help}`)]
      : []),
  ].join("\n");
}
