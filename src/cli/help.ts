import { readManifest } from "../runs/load-graphs.ts";
import type { Command } from "./cli.ts";

/** All commands in a line each, and an example for every graph. */
export async function renderHelp(commands: readonly Command[], folder: string): Promise<string> {
  const graphs = Object.keys(await readManifest(folder));
  const usages = commands.map((command) => ({ head: `${command.name} ${command.usage}`.trim(), command }));
  const width = Math.max(...usages.map(({ head }) => head.length));
  return [
    "Decurion runs workflows of Claude agents: one level deep, ten at once, everything in Postgres.",
    "",
    "npm run graph -- <command>",
    ...usages.map(({ head, command }) => `  ${head.padEnd(width)}  ${command.summary}`),
    "",
    "Graphs:",
    ...graphs.map((name) => `  npm run graph -- run ${name} "Compare three ways to shard a Postgres queue"`),
    "",
    "npm run graph -- help <command> shows its options.",
  ].join("\n");
}

export function renderCommandHelp(command: Command): string {
  const options = Object.entries(command.options).map(([name, { value, optional, help }]) => {
    const shown = value === undefined ? "" : optional ? `[=${value}]` : ` ${value}`;
    return { head: `--${name}${shown}`, help };
  });
  const width = Math.max(0, ...options.map(({ head }) => head.length));
  return [
    `npm run graph -- ${command.name} ${command.usage}`.trim(),
    `  ${command.summary}`,
    ...(options.length > 0
      ? ["", ...options.map(({ head, help }) => `  ${head.padEnd(width)}  ${help}`)]
      : []),
  ].join("\n");
}
