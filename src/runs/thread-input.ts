import { Command, Overwrite } from "@langchain/langgraph";
import { z } from "zod";
import { UsageError } from "../domain/errors.ts";
import type { Thread } from "../domain/thread.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { clip } from "../format/text.ts";
import { openRequests } from "../postgres/requests.ts";
import { kindOf } from "../requests/kinds.ts";
import { threadOptionsSchema } from "../requests/thread-options.ts";
import type { Engine } from "./engine.ts";
import type { GraphState, StreamOptions } from "./graph.ts";
import { questionsOf } from "./questions.ts";
import { recordResume } from "./resume.ts";

/** The input of a run: a new input, null to resume, or a Command with answers. */
export interface GivenInput {
  readonly input: unknown;
  readonly options: StreamOptions;
  readonly readState: (config: object) => Promise<GraphState>;
}

/** The channels that new input on a thread resets. Memory and conversation stay. */
export const CLEARED = {
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

/** @throws UsageError that names all wrong options. */
export function parseOptions(context: unknown): ThreadOptions {
  const parsed = threadOptionsSchema.strict().safeParse(context ?? {});
  if (parsed.success) return parsed.data;
  throw new UsageError(`The run's options are wrong. ${z.prettifyError(parsed.error)}`);
}

/** Records the answers in a Command. Returns the input, for a Command with all recorded answers. */
export async function recordGiven(
  engine: Engine,
  threadId: string,
  { input, options, readState }: GivenInput,
): Promise<unknown> {
  if (!isCommand(input) || input["resume"] === undefined) return input;
  const questions = questionsOf(await readState({ configurable: { thread_id: threadId } }));
  const user = options.configurable?.["langgraph_auth_user_id"];
  const answerer = { by: typeof user === "string" ? user : null, via: "sdk" } as const;
  const resume = await recordResume(engine, { threadId, questions, value: input["resume"], answerer });
  return new Command({ ...input, resume });
}

/** Whether the input is neither null (resume) nor a Command (answers). */
export function isNewInput(input: unknown): boolean {
  return typeof input === "object" && input !== null && !isCommand(input);
}

/** Checks the mark, not the class: the client may have another copy of LangGraph. */
function isCommand(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === "object" && input !== null && "lg_name" in input && input.lg_name === "Command";
}

/** @throws UsageError when the thread has open requests or unused answers, which new input would discard. */
export async function refuseWhileWaiting(engine: Engine, { id, status }: Thread): Promise<void> {
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
    `Thread ${id} has unused answers, which new input would discard: "resume ${id}" first, or start another thread.`,
  );
}

/** The text of an input, for lists of threads. */
export function textOf(input: unknown): string {
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
