import type { Config } from "../domain/config.ts";
import type { Answerer } from "../domain/request.ts";
import type { Database } from "../postgres/database.ts";
import type { Engine } from "../runs/engine.ts";
import type { Folders } from "../runs/folders.ts";
import type { GraphList } from "../runs/graph-list.ts";
import type { WorkflowGraph } from "../runs/workflow-graph.ts";
import type { Output, Terminal } from "./terminal.ts";

/** The context of a command: the person at the terminal, the settings, and what it may open. */
export interface Cli {
  /** For results only. */
  readonly out: Output;
  /** For progress, notes and questions. */
  readonly err: Terminal;
  readonly color: boolean;
  /** Whether a person can answer: stdin and stderr are a terminal. */
  readonly canAsk: boolean;
  /** The name on this person's answers. */
  readonly answerer: Answerer;
  readonly config: Config;
  readonly folders: Folders;
  /** Aborted by the first Ctrl-C or SIGTERM, or by SIGHUP. Calls under way still finish. */
  readonly signal: AbortSignal;
  /** Aborted by the second, or some time after SIGHUP. Nothing more finishes. */
  readonly abort: AbortSignal;
  /** Writes to `err`, wrapped to the terminal. Indented lines stay whole: they are commands to copy. */
  note(text: string): void;
  /** Sets where news of the database are shown. A live list must place them itself. */
  showNews(show: (sentence: string) => void): void;
  print(text: string): void;
  /** Opens at first use and closes after the command. */
  engine(): Promise<Engine>;
  /** Only the database, for commands that start no run. */
  database(): Promise<Database>;
  /** Whether a database exists. A project gets its own at its first run. */
  hasRun(): Promise<boolean>;
  graph(name: string): Promise<WorkflowGraph>;
  graphs(): Promise<GraphList>;
}

/** 0 completed, 1 failed or partial, 2 wrong use, 3 waiting for a human, 130 stopped. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** One command of the command line. */
export interface Command {
  readonly name: string;
  /** The arguments in the help: `<graph> [input]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: OptionSpecs;
  /** The least and the most positional arguments. */
  readonly positionals: readonly [number, number];
  run(cli: Cli, args: Arguments): Promise<ExitCode>;
}

/** The part of a command in its own file. The rest is in the list of commands. */
export type CommandFile = Omit<Command, "name" | "usage" | "summary">;

/** Options by their long names. `value` is the placeholder in the help; a switch has none. */
export type OptionSpecs = Readonly<
  Record<string, { readonly value?: string; readonly optional?: true; readonly help: string }>
>;

export interface Arguments {
  readonly positionals: readonly string[];
  /** Values by option name. A switch, or an option without its optional value, is `true`. */
  readonly options: Readonly<Record<string, string | true | undefined>>;
}
