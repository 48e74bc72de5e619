import { ThreadBusyError } from "../domain/errors.ts";
import type { ProgressEvent } from "../domain/event.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { answerDue, openRequests } from "../postgres/requests.ts";
import { findThread, getThread } from "../postgres/threads/threads.ts";
import { drive, nextInput, type Workflow } from "../runs/drive.ts";
import { reportThread } from "../runs/report.ts";
import { watchThread } from "../runs/watch.ts";
import { askPerson } from "./ask-person.ts";
import type { Cli, ExitCode } from "./cli.ts";
import { endThreadRun, renderJson } from "./end-thread-run.ts";
import { isExpected } from "./expected-error.ts";
import { progressOn } from "./progress-on.ts";
import { placesIn } from "./view/error-places.ts";
import type { ProgressView } from "./view/progress-view.ts";
import { resumeHint } from "./view/resume-hint.ts";

/** A thread to run in the foreground. Without `input` it waits at a gate, so the person is asked first. */
export interface Follow {
  readonly graphName: string;
  readonly threadId: string;
  readonly input?: unknown;
  readonly options?: ThreadOptions;
  readonly json: boolean;
}

/** Runs a thread in the foreground until it ends or waits. Shows progress, and asks the person at the terminal. */
export async function followThread(cli: Cli, follow: Follow): Promise<ExitCode> {
  const { threadId, options, json } = follow;
  const graph = await cli.graph(follow.graphName);
  const known = await findThread(await cli.database(), threadId);
  const view = progressOn(cli, known?.budgetUsd ?? options?.budgetUsd ?? cli.config.budgetUsd);
  const onEvent = (event: ProgressEvent) => view.onEvent(event);
  const engine = await cli.engine();
  const onStop = () => {
    engine.drain();
    view.note("Stopping after the calls under way. Press Ctrl-C again to stop immediately.");
  };
  cli.signal.addEventListener("abort", onStop);
  cli.showNews((sentence) => view.note(sentence));
  try {
    let input = "input" in follow ? follow.input : await answersHere(cli, graph, follow, view, true);
    let hasBegun = !("input" in follow);
    while (input !== undefined) {
      const run = drive(graph, input, { threadId, signal: cli.abort, onEvent, ...(options && { options }) });
      await (hasBegun ? orWatch(cli, threadId, run, onEvent) : run);
      hasBegun = true;
      input = await answersHere(cli, graph, follow, view);
    }
  } catch (error) {
    if (!cli.signal.aborted) await explain(cli, threadId, error, view);
  } finally {
    cli.signal.removeEventListener("abort", onStop);
    view.stop();
    cli.showNews(cli.note);
  }
  return cli.signal.aborted ? stopped(cli, threadId, json) : endThreadRun(cli, threadId, json);
}

/** Says where a node's own code failed, which ended the thread: its report says the rest. Throws any other error again. */
async function explain(
  cli: Cli,
  threadId: string,
  error: unknown,
  view: Pick<ProgressView, "note">,
): Promise<void> {
  const thread = isExpected(error) ? undefined : await findThread(await cli.database(), threadId);
  if (thread?.status !== "failed") throw error;
  const places = placesIn(error);
  if (places.length > 0) view.note(places.join("\n"));
}

/** After an answer elsewhere, another process may run the thread. Then this one only follows it. */
async function orWatch(
  cli: Cli,
  threadId: string,
  run: Promise<void>,
  onEvent: (event: ProgressEvent) => void,
): Promise<void> {
  try {
    await run;
  } catch (error) {
    if (!(error instanceof ThreadBusyError)) throw error;
    // The view already shows the cost of calls so far.
    const news = (event: ProgressEvent) => event.type !== "call" && onEvent(event);
    await watchThread(await cli.database(), { threadId, signal: cli.signal, onEvent: news });
  }
}

/**
 * The answers for a waiting thread, from this terminal and elsewhere. Undefined when it has ended or keeps waiting.
 *
 * @param isFirst - before this process has run the thread: then it may also continue work that another process left.
 */
async function answersHere(
  cli: Cli,
  graph: Workflow,
  { threadId, json }: Follow,
  view: Pick<ProgressView, "pause" | "resume" | "setBudget">,
  isFirst = false,
): Promise<unknown> {
  const { database } = await cli.engine();
  const { status } = await getThread(database, threadId);
  // A thread stands as stopped when somebody has answered elsewhere, or when its process was killed before its row said `waiting`.
  if (cli.signal.aborted || !(status === "waiting" || status === "stopped")) return undefined;
  await answerDue(database);
  const open = await openRequests(database, threadId);
  if (open.length > 0 && cli.canAsk && !json) {
    view.pause();
    for (const request of open) {
      if (!(await askPerson(cli, request))) return undefined;
    }
    view.setBudget((await getThread(database, threadId)).budgetUsd);
    view.resume();
  }
  // Includes answers from elsewhere.
  const next = await nextInput(graph, database, threadId);
  if (!("input" in next) || (next.input === null && !isFirst)) return undefined;
  return next.input;
}

async function stopped(cli: Cli, threadId: string, json: boolean): Promise<ExitCode> {
  const { database } = await cli.engine();
  if (json) cli.print(renderJson(await reportThread(database, threadId)));
  cli.note(`Stopped. All finished work is saved. ${resumeHint(threadId)}`);
  return 130;
}
