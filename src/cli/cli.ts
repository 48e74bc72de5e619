import type { Config } from "../domain/config.ts";
import type { Answerer } from "../domain/request.ts";
import type { Database } from "../postgres/database.ts";
import type { Engine } from "../runs/engine.ts";
import type { Folders } from "../runs/folders.ts";
import type { WorkflowGraph } from "../runs/workflow-graph.ts";

/** A stream of the process, as far as the command line uses it. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** What every command is given: the person in front of it, the settings, and what it may open. */
export interface Cli {
  /** Results go here, and nothing else. */
  readonly out: Output;
  /** Progress, notes and questions. */
  readonly err: Output;
  readonly color: boolean;
  /** Whether a person can be asked: both the keyboard and the screen are a terminal. */
  readonly canAsk: boolean;
  /** As who the person here answers requests. */
  readonly answerer: Answerer;
  readonly config: Config;
  readonly folders: Folders;
  /** Aborted by Ctrl-C or SIGTERM: whatever can be, is finished. */
  readonly signal: AbortSignal;
  /** Aborted by the second one: nothing is finished any more. */
  readonly abort: AbortSignal;
  note(sentence: string): void;
  /** Where news of the database go from now on: while a list is drawn, a line beside it would tear it. */
  showNews(show: (sentence: string) => void): void;
  print(text: string): void;
  /** Opened at first use and closed when the command is over. */
  engine(): Promise<Engine>;
  /** The database alone, for commands that only look. */
  database(): Promise<Database>;
  /** Whether there is a database to look into: a project's own is made at its first run. */
  hasRun(): Promise<boolean>;
  graph(name: string): Promise<WorkflowGraph>;
  graphNames(): Promise<string[]>;
}

/** How a command ends: 0 completed, 1 failed or partial, 2 wrong use, 3 waiting for a human, 130 stopped. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** One command of the command line. */
export interface Command {
  readonly name: string;
  /** The arguments as the help shows them: `<graph> [input]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: OptionSpecs;
  /** How many positional arguments it takes at least and at most. */
  readonly positionals: readonly [number, number];
  run(cli: Cli, args: Arguments): Promise<ExitCode>;
}

/** What a command's own file says of it; the list of commands says the rest. */
export type CommandFile = Omit<Command, "name" | "usage" | "summary">;

/** Each option by its long name; `value` is what the help shows for it, absent for a switch. */
export type OptionSpecs = Readonly<
  Record<string, { readonly value?: string; readonly optional?: true; readonly help: string }>
>;

export interface Arguments {
  readonly positionals: readonly string[];
  /** Values by option name; a switch, or an option given without its optional value, is `true`. */
  readonly options: Readonly<Record<string, string | true | undefined>>;
}
