import type { Command, CommandFile } from "./cli.ts";

/** A command as the help lists it. The file with the rest of it is loaded when the command is used. */
export interface CommandEntry extends Pick<Command, "name" | "usage" | "summary"> {
  load(): Promise<{ readonly command: CommandFile }>;
}

/** @param usage - its name and its arguments, as the help shows them. */
function entry(usage: string, summary: string, load: CommandEntry["load"]): CommandEntry {
  const [name = "", ...args] = usage.split(" ");
  return { name, usage: args.join(" "), summary, load };
}

/** All there are, in the order the help shows them: a command is its file and its line here. */
export const COMMANDS: readonly CommandEntry[] = [
  entry(
    "init",
    "write what this project lacks: an example graph, langgraph.json, scripts",
    () => import("./commands/init.ts"),
  ),
  entry("start", "choose a graph, type the input and run it", () => import("./commands/start.ts")),
  entry(
    "run <graph> [input]",
    "run a workflow: plan, approve, agents, answer",
    () => import("./commands/run.ts"),
  ),
  entry(
    "resume <thread>",
    "go on with a thread after a crash, a stop or an answer",
    () => import("./commands/resume.ts"),
  ),
  entry("inbox [thread]", "what waits for a human", () => import("./commands/inbox.ts")),
  entry(
    "answer <request> [approve|edit|reject|respond|retry]",
    "answer what a thread asks, and go on with it",
    () => import("./commands/answer.ts"),
  ),
  entry("list", "the threads there are, newest first", () => import("./commands/list.ts")),
  entry(
    "show <thread>",
    "a thread's tasks, answer, cost and what it waits for",
    () => import("./commands/show.ts"),
  ),
  entry("watch <thread>", "follow a thread that another process runs", () => import("./commands/watch.ts")),
  entry(
    "history <thread>",
    "the checkpoints of a thread, newest first, which fork can go on from",
    () => import("./commands/history.ts"),
  ),
  entry(
    "fork <thread>",
    "go on from an earlier checkpoint of a thread; what has not changed is not paid for again",
    () => import("./commands/fork.ts"),
  ),
  entry(
    "cancel <thread>",
    "end a thread in any process for good, and withdraw its requests",
    () => import("./commands/cancel.ts"),
  ),
  entry("draw <graph>", "a graph's nodes and edges", () => import("./commands/draw.ts")),
  entry(
    "agents list|show|check|add [name|dir]",
    "the agents there are, one of them, a folder's files checked or installed",
    () => import("./commands/agents.ts"),
  ),
  entry("cost [thread]", "what was paid, by phase, agent and model", () => import("./commands/cost.ts")),
  entry(
    "prune",
    "delete old threads with everything they own, but none that waits for a human",
    () => import("./commands/prune.ts"),
  ),
  entry(
    "doctor",
    "what this machine lacks, and how to mend it; changes nothing",
    () => import("./commands/doctor.ts"),
  ),
  entry(
    "db start|stop|status|url|migrate",
    "the Postgres server of this folder, used when DATABASE_URL is not set",
    () => import("./commands/db.ts"),
  ),
  entry(
    "simulator",
    "a server that speaks the Messages API and answers from the prompt, for nothing",
    () => import("./commands/simulator.ts"),
  ),
  entry(
    "studio",
    "the control room in your browser, and the LangGraph server for Studio and SDK clients",
    () => import("./commands/studio.ts"),
  ),
];

export async function loadCommand({ load, name, usage, summary }: CommandEntry): Promise<Command> {
  const { command } = await load();
  return { ...command, name, usage, summary };
}
