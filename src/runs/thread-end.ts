import { isInvalidResume } from "@langchain/langgraph";
import { z } from "zod";
import { CallError } from "../calls/call-error.ts";
import { messageOf, UsageError } from "../domain/errors.ts";
import { isTerminal, type StoredStatus, VERDICTS, type Verdict, verdictOf } from "../domain/task.ts";
import { clip } from "../format/text.ts";
import type { ActiveThread } from "../nodes/runtime.ts";
import { type TaskEnding, taskEndings } from "../postgres/agent-coordination/thread-results.ts";
import { withdrawRequests } from "../postgres/requests.ts";
import { closeOpenWork } from "../postgres/threads/cancel.ts";
import { endThread } from "../postgres/threads/threads.ts";
import { isOurs } from "../postgres/trouble.ts";
import type { GraphState } from "./graph.ts";
import { askAgain, askOwnQuestions, questionsOf } from "./questions.ts";

type EndedThread = Pick<ActiveThread, "database" | "id">;

/** Records the thread's status after a run: waiting, resumable, or a verdict. */
export async function recordEnd(thread: EndedThread, state: GraphState): Promise<void> {
  const status = standingOf(state);
  if (status !== "ended") return settle(thread, status, state);
  await closeOpenWork(thread.database, thread.id); // A graph may end although tasks wait for a human.
  const endings = await taskEndings(thread.database, thread.id);
  const verdict = verdictFrom(state, endings);
  await settle(thread, verdict, state, verdict === "completed" ? null : whyNotWhole(endings));
}

/**
 * Records a failed run. An error of a node or wrong use ends the thread as failed. A stopped run, or an error of our own
 * database, leaves it resumable.
 */
export async function recordFailure(
  thread: ActiveThread,
  readState: () => Promise<GraphState>,
  error: unknown,
): Promise<void> {
  if (leavesResumable(error)) return;
  const state = await readState();
  const isUnfit = isInvalidResume(error);
  if (isUnfit) await askAgain(thread.database, state);
  // After a wrong answer the thread still waits.
  if ((isUnfit || error instanceof UsageError) && standingOf(state) === "waiting")
    return settle(thread, "waiting", state);
  const message = failureOf(state, error);
  await endThread(thread.database, thread.id, { status: "failed", output: null, error: message });
  await Promise.allSettled(thread.underWay); // Lanes under way may still ask.
  await closeOpenWork(thread.database, thread.id);
  await withdrawRequests(thread.database, thread.id);
}

/** Whether the error is not the graph's: the run was stopped, or our own database refused a statement. */
function leavesResumable(error: unknown): boolean {
  return isOurs(error) || (error instanceof CallError && error.kind === "aborted");
}

/** The error sentence of a failed thread. */
function failureOf(state: GraphState, error: unknown): string {
  if (error instanceof UsageError) return error.message;
  const node = state.tasks.find((task) => task.error !== undefined)?.name;
  return `${node === undefined ? "The graph" : `Node "${node}"`} failed: ${reasonOf(error)}`;
}

/** LangGraph marks what a node throws with its task. It cannot mark text or nothing, and throws its own error then. */
function reasonOf(error: unknown): string {
  if (error instanceof TypeError && error.message.includes("'pregelTaskId'"))
    return "it threw a value that is no Error. Throw an Error with a message.";
  return messageOf(error instanceof Error ? error : withoutMark(error));
}

function withoutMark(thrown: unknown): unknown {
  if (typeof thrown !== "object" || thrown === null) return thrown;
  return Object.fromEntries(Object.entries(thrown).filter(([name]) => name !== "pregelTaskId"));
}

/** The state after a run. Remaining nodes mean that the run was stopped. */
function standingOf(state: GraphState): "waiting" | "running" | "ended" {
  if (state.tasks.some((task) => task.interrupts.length > 0)) return "waiting";
  return state.next.length > 0 ? "running" : "ended";
}

const verdictSchema = z.enum(VERDICTS).catch("completed");

/**
 * The verdict comes from the tasks' rows, in every graph. A node can only lower it: a rejected plan cancels the thread, a
 * failed synthesis makes it partial.
 */
function verdictFrom(state: GraphState, endings: readonly TaskEnding[]): Verdict {
  const ofNodes = verdictSchema.parse(state.values["verdict"] ?? undefined);
  if (ofNodes === "cancelled" || ofNodes === "failed" || endings.length === 0) return ofNodes;
  const ofTasks = verdictOf(endings.map((ending) => ending.status));
  return ofTasks === "completed" ? ofNodes : ofTasks;
}

/** The most task names in a sentence. */
const NAMED_TASKS = 5;
const REASON_CHARACTERS = 400;

function whyNotWhole(endings: readonly TaskEnding[]): string | null {
  const open = endings.filter(({ status }) => status !== "completed");
  if (open.length === 0) return null;
  const names = open.slice(0, NAMED_TASKS).map(({ id, status }) => `${id} (${status})`);
  const more = open.length > NAMED_TASKS ? ` and ${open.length - NAMED_TASKS} more` : "";
  const reason = open.find(({ error }) => error !== null)?.error;
  const why = reason === undefined || reason === null ? "" : ` ${clip(reason, REASON_CHARACTERS)}`;
  return `${open.length} of ${endings.length} tasks did not complete: ${names.join(", ")}${more}.${why}`;
}

async function settle(
  { database, id }: EndedThread,
  status: StoredStatus,
  state: GraphState,
  why: string | null = null,
): Promise<void> {
  const text = z.string().nullable().catch(null);
  const output = text.parse(state.values["output"]);
  const error = text.parse(state.values["error"]) ?? why;
  const questions = await askOwnQuestions(database, id, isTerminal(status) ? [] : questionsOf(state));
  await endThread(database, id, { status, output, error });
  // A LangGraph client may have forked the thread: only the requests of the new branch stay open.
  const asked = questions.flatMap((question) => question.requestIds);
  if (status !== "running") await withdrawRequests(database, id, asked);
}
