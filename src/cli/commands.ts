import type { Command, CommandFile } from "./cli.ts";

/** A command in the help. Its file is loaded only when the command runs. */
export interface CommandEntry extends Pick<Command, "name" | "usage" | "summary"> {
  load(): Promise<{ readonly command: CommandFile }>;
}

/** @param usage - the name and the arguments, as in the help. */
function entry(usage: string, summary: string, load: CommandEntry["load"]): CommandEntry {
  const [name = "", ...args] = usage.split(" ");
  return { name, usage: args.join(" "), summary, load };
}

/** All commands, in the order of the help. A command is its file and its entry here. */
export const COMMANDS: readonly CommandEntry[] = [
  entry("init", "add an example graph, langgraph.json and scripts here", () => import("./commands/init.ts")),
  entry("start", "choose a graph, type an input and run it", () => import("./commands/start.ts")),
  entry(
    "run <graph> [input]",
    "run a workflow: plan, approval, agents, answer",
    () => import("./commands/run.ts"),
  ),
  entry(
    "resume [thread]",
    "continue a thread after a crash, a stop or an answer; --all continues all",
    () => import("./commands/resume.ts"),
  ),
  entry("inbox [thread]", "list the requests that wait for you", () => import("./commands/inbox.ts")),
  entry(
    "answer <request> [approve|edit|reject|respond|retry]",
    "answer a request and continue its thread",
    () => import("./commands/answer.ts"),
  ),
  entry("list", "list the threads, newest first", () => import("./commands/list.ts")),
  entry(
    "show [thread]",
    "show a thread: tasks, answer, cost, open requests; or a whole request",
    () => import("./commands/show.ts"),
  ),
  entry("watch <thread>", "follow a thread that another process runs", () => import("./commands/watch.ts")),
  entry(
    "history <thread>",
    "list the checkpoints of a thread, newest first",
    () => import("./commands/history.ts"),
  ),
  entry(
    "fork <thread>",
    "run again from a checkpoint; unchanged calls are free",
    () => import("./commands/fork.ts"),
  ),
  entry("cancel <thread>", "cancel a thread and withdraw its requests", () => import("./commands/cancel.ts")),
  entry("draw <graph>", "draw the nodes and edges of a graph", () => import("./commands/draw.ts")),
  entry(
    "agents list|show|check|add|trust [name|dir]",
    "list, show, check, install or trust agents",
    () => import("./commands/agents.ts"),
  ),
  entry("cost [thread]", "show the cost by phase, agent and model", () => import("./commands/cost.ts")),
  entry("prune", "delete old threads, except those that wait for you", () => import("./commands/prune.ts")),
  entry(
    "doctor",
    "check this machine and suggest fixes; changes nothing",
    () => import("./commands/doctor.ts"),
  ),
  entry(
    "db start|stop|status|url|migrate",
    "control this folder's own Postgres server",
    () => import("./commands/db.ts"),
  ),
  entry(
    "simulator",
    "serve the Messages API with simulated answers, free",
    () => import("./commands/simulator.ts"),
  ),
  entry(
    "studio",
    "serve the control room, LangGraph Studio and SDK clients",
    () => import("./commands/studio.ts"),
  ),
];

export async function loadCommand({ load, name, usage, summary }: CommandEntry): Promise<Command> {
  const { command } = await load();
  return { ...command, name, usage, summary };
}
