import { Command, isInvalidResume, Overwrite } from "@langchain/langgraph";
import { z } from "zod";
import { ConnectionLostError, messageOf, ThreadBusyError, UsageError } from "../domain/errors.ts";
import { isTerminal, type ThreadStatus } from "../domain/task.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { clip } from "../format/text.ts";
import { cancelRows } from "../postgres/cancel.ts";
import { answerDue, openRequests, withdrawRequests } from "../postgres/requests.ts";
import { beginThread, endThread, findThread, renewThread, type Thread } from "../postgres/threads.ts";
import { kindOf } from "../requests/kinds.ts";
import { threadOptionsSchema } from "../requests/thread-options.ts";
import type { Engine } from "./engine.ts";
import type { GraphState, StreamOptions } from "./graph.ts";
import { askAgain, askOwnQuestions, questionsOf } from "./questions.ts";
import { recordResume } from "./resume.ts";

interface RunRequest {
  readonly name: string;
  readonly input: unknown;
  readonly options: StreamOptions;
  readonly readState: (config: object) => Promise<GraphState>;
}

/** One run of a thread, begun: its lock is held and the nodes know it. */
interface ThreadRun {
  readonly input: unknown;
  readonly options: StreamOptions;
  /** Records how the graph left the thread. */
  finish(): Promise<void>;
  /** Records a run that threw. One that was stopped, or lost its database, stays `running`: resumable. */
  fail(error: unknown): Promise<void>;
  /** Whether a human cancelled the thread; then it is recorded as that, once nobody is at work on it any more. */
  wasCancelled(): Promise<boolean>;
  /** What a run is told that lost its database; nothing can be recorded then. */
  connectionLost(error: unknown): ConnectionLostError;
  release(): Promise<void>;
}

/**
 * Takes the thread's lock, finds or makes its row and makes it known to the nodes.
 *
 * @throws UsageError when another process runs the thread, or the options or the input cannot be used.
 */
export async function beginRun(engine: Engine, request: RunRequest): Promise<ThreadRun> {
  const { options } = request;
  const threadId = threadIdOf(options);
  if (!(await engine.claim(threadId))) throw busy(threadId);
  try {
    const { thread, input } = await openThread(engine, threadId, request);
    await engine.activate(thread);
    return {
      input,
      options: {
        ...options,
        context: thread.options,
        signal: joinSignals(options.signal, engine.lost, engine.cancelled(threadId)),
      },
      finish: () => finish(engine, threadId, request),
      fail: (error) => fail(engine, threadId, request, error),
      wasCancelled: () => recordCancelled(engine, threadId),
      connectionLost: (error) => connectionLost(threadId, error),
      release: () => engine.release(threadId),
    };
  } catch (error) {
    await engine.release(threadId);
    throw error;
  }
}

function connectionLost(threadId: string, cause: unknown): ConnectionLostError {
  return new ConnectionLostError(
    `The connection to Postgres was lost, so the run was stopped; nothing that is finished is lost: go on with "resume ${threadId}" when the server answers again.`,
    { cause },
  );
}

function busy(threadId: string): ThreadBusyError {
  return new ThreadBusyError(
    `Thread ${threadId} is being run by another process: "watch ${threadId}" follows it, or stop that process first.`,
  );
}

function threadIdOf({ configurable }: StreamOptions): string {
  const parsed = z.uuid().safeParse(configurable?.["thread_id"]);
  if (parsed.success) return parsed.data.toLowerCase();
  throw new UsageError("A workflow runs in a thread: give it configurable.thread_id, a UUID.");
}

async function openThread(
  engine: Engine,
  threadId: string,
  request: RunRequest,
): Promise<{ thread: Thread; input: unknown }> {
  const { name, input, options } = request;
  await answerDue(engine.database);
  const known = await findThread(engine.database, threadId);
  const context = parseOptions(options.context);
  const isNew = isNewInput(input);
  if (known && isNew) await refuseWhileWaiting(engine, known);
  if (!known && !isNew)
    throw new UsageError(`There is no thread ${threadId} to go on with: start it with an input.`);
  const given = await recordGiven(engine, threadId, request);
  const thread = await beginThread(engine.database, {
    id: threadId,
    graph: name,
    input: isNew ? textOf(input) : (known?.input ?? ""),
    options: context,
    simulated: known?.simulated ?? (context.executor === "simulated" || !engine.config.apiKey),
    budgetUsd: context.budgetUsd ?? engine.config.budgetUsd,
  });
  if (!known || !isNew) return { thread, input: given };
  const merged = { ...thread.options, ...context };
  await renewThread(engine.database, threadId, textOf(input), merged);
  return { thread: { ...thread, options: merged }, input: { ...CLEARED, ...Object(input) } };
}

/** What new input on a thread must not inherit from the run before; memory and conversation stay. */
const CLEARED = {
  input: "",
  currentTasks: [],
  agentResults: new Overwrite({}),
  executionId: "",
  feedback: "",
  revision: null,
  overBudget: null,
  verdict: null,
  output: null,
  error: null,
};

function parseOptions(context: unknown): ThreadOptions {
  const parsed = threadOptionsSchema.safeParse(context ?? {});
  if (parsed.success) return parsed.data;
  throw new UsageError(`The run's options are not right: ${z.prettifyError(parsed.error)}`);
}

/** Records the answer in a Command, if it is one; returns the input with all that is answered by now. */
async function recordGiven(
  engine: Engine,
  threadId: string,
  { input, options, readState }: RunRequest,
): Promise<unknown> {
  if (!isCommand(input) || input["resume"] === undefined) return input;
  const questions = questionsOf(await readState({ configurable: { thread_id: threadId } }));
  const user = options.configurable?.["langgraph_auth_user_id"];
  const answerer = { by: typeof user === "string" ? user : null, via: "sdk" } as const;
  const resume = await recordResume(engine, { threadId, questions, value: input["resume"], answerer });
  return new Command({ ...input, resume });
}

/** Not `null` (go on) and not a Command (an answer). */
function isNewInput(input: unknown): boolean {
  return typeof input === "object" && input !== null && !isCommand(input);
}

/** By its mark, not its class: a client's copy of LangGraph need not be ours. */
function isCommand(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === "object" && input !== null && "lg_name" in input && input.lg_name === "Command";
}

/** New input would silently discard what a human is being asked, or has answered. */
async function refuseWhileWaiting(engine: Engine, { id, status }: Thread): Promise<void> {
  const open = await openRequests(engine.database, id);
  const [request] = open;
  if (request) {
    const more = open.length > 1 ? ` and ${open.length - 1} more` : "";
    throw new UsageError(
      `Thread ${id} waits for an answer to ${request.id}${more}, which new input would discard: answer with "answer ${request.id} ${kindOf(request).allowed(request).join("|")}" or Command({ resume: { "${request.id}": … } }), or start another thread.`,
    );
  }
  if (status !== "waiting") return;
  throw new UsageError(
    `Thread ${id} has answers that it has not gone on with, which new input would discard: "resume ${id}" first, or start another thread.`,
  );
}

/** What a person would recognise the thread by. */
function textOf(input: unknown): string {
  const parsed = z.looseObject({ input: z.string() }).safeParse(input);
  if (parsed.success && parsed.data.input.trim() !== "") return parsed.data.input.trim();
  const messages = z
    .looseObject({ messages: z.array(z.looseObject({ content: z.string() })) })
    .safeParse(input);
  const said = messages.success ? messages.data.messages.at(-1)?.content.trim() : "";
  return said || planTitle(input);
}

function planTitle(input: unknown): string {
  const plan = z
    .looseObject({ currentTasks: z.array(z.looseObject({ description: z.string() })) })
    .safeParse(input);
  if (!plan.success || plan.data.currentTasks.length === 0) return "";
  return clip(plan.data.currentTasks.map((task) => task.description).join("; "), 200);
}

async function finish(engine: Engine, threadId: string, { readState }: RunRequest): Promise<void> {
  const state = await readState({ configurable: { thread_id: threadId } });
  await settle(engine, threadId, statusOf(state), state);
}

function statusOf(state: GraphState): ThreadStatus {
  if (state.tasks.some((task) => task.interrupts.length > 0)) return "waiting";
  if (state.next.length > 0) return "running";
  const verdict = z.enum(["completed", "partial", "failed", "cancelled"]).safeParse(state.values["verdict"]);
  return verdict.success ? verdict.data : "completed";
}

async function settle(
  engine: Engine,
  threadId: string,
  status: ThreadStatus,
  state: GraphState,
): Promise<void> {
  const text = z.string().nullable().catch(null);
  const output = text.parse(state.values["output"]);
  const error = text.parse(state.values["error"]);
  const questions = isTerminal(status) ? [] : questionsOf(state);
  await askOwnQuestions(engine.database, threadId, questions);
  await endThread(engine.database, threadId, { status, output, error });
  // A client may have forked the thread behind our back: then it asks what the new branch asks, and nothing else.
  const asked = questions.flatMap((question) => question.requestIds);
  if (status !== "running") await withdrawRequests(engine.database, threadId, asked);
}

async function fail(engine: Engine, threadId: string, request: RunRequest, error: unknown): Promise<void> {
  const isUnfit = isInvalidResume(error);
  if (!(error instanceof UsageError) && !isUnfit) return;
  const state = await request.readState({ configurable: { thread_id: threadId } });
  if (isUnfit) await askAgain(engine.database, state);
  // A wrong answer leaves the question open; anything else that a person did wrong ends the run.
  if (statusOf(state) === "waiting") return settle(engine, threadId, "waiting", state);
  await endThread(engine.database, threadId, { status: "failed", output: null, error: messageOf(error) });
  await Promise.allSettled(engine.thread(threadId).underWay); // Lanes still at work may ask, too.
  await withdrawRequests(engine.database, threadId);
}

async function recordCancelled(engine: Engine, threadId: string): Promise<boolean> {
  if (!engine.cancelled(threadId).aborted) return false;
  await Promise.allSettled(engine.thread(threadId).underWay);
  await cancelRows(engine.database, threadId);
  return true;
}

/** Stops the run when it is told to, when a human cancels it, or when the connection which holds its locks is lost. */
function joinSignals(given: AbortSignal | undefined, ...ours: AbortSignal[]): AbortSignal {
  return AbortSignal.any(given ? [given, ...ours] : ours);
}
