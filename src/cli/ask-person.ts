import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, UsageError } from "../domain/errors.ts";
import type { HumanRequest } from "../domain/request.ts";
import type { Database } from "../postgres/database.ts";
import { answerDue, getRequest } from "../postgres/requests.ts";
import { kindOf } from "../requests/kinds.ts";
import type { KindView } from "../requests/view.ts";
import { recordAnswer } from "../runs/answer.ts";
import { askLine } from "./ask-line.ts";
import type { Cli } from "./cli.ts";
import { type Draft, decisionFor, offersOf } from "./person-choices.ts";
import { renderAnswer } from "./view/render-answer.ts";
import { pageFor } from "./view/render-options.ts";
import { renderRequest, shownContent } from "./view/render-request.ts";

/** How often to look for an answer from elsewhere while a question is on the screen. */
const POLL_MS = 400;

/**
 * Shows a request and asks until there is a decision. It may also come from another terminal, the page or the deadline.
 * The person may leave the request for later.
 *
 * @returns false after the end of the input or Ctrl-C: the person is gone.
 */
export async function askPerson(cli: Cli, { id }: HumanRequest): Promise<boolean> {
  const engine = await cli.engine();
  const request = await getRequest(engine.database, id);
  if (request.status !== "open") {
    noteAnswer(cli, request);
    return true;
  }
  cli.note(renderRequest(request, pageFor(cli.err, cli.color)));
  const answered = new AbortController();
  const watching = new AbortController();
  const watch = watchRequest(engine.database, id, watching.signal, () => answered.abort());
  watch.catch(() => answered.abort()); // `await watch` below throws the error.
  let isThere = true;
  try {
    isThere = await askUntilDecided(cli, request, answered.signal);
  } finally {
    watching.abort();
    await watch;
  }
  if (!answered.signal.aborted) return isThere;
  noteAnswer(cli, await getRequest(engine.database, id));
  return true;
}

/** A question on the screen. */
interface Asking {
  readonly request: HumanRequest;
  readonly view: KindView;
  readonly answered: AbortSignal;
  readonly draft: Draft;
  /** The lines of the request that the person has not seen. */
  rest: readonly string[];
}

async function askUntilDecided(cli: Cli, request: HumanRequest, answered: AbortSignal): Promise<boolean> {
  const view = kindOf(request).view(request);
  const { rest } = shownContent(request, pageFor(cli.err, cli.color));
  const asking: Asking = { request, view, answered, draft: {}, rest };
  for (;;) {
    const offers = `${offersOf(view)}${asking.rest.length > 0 ? ", [w]hole request" : ""}, [l]ater`;
    const word = await askLine(cli, `${view.question} ${offers}: `, answered);
    if (word === undefined) return false;
    if (word === "l" || word === "later") return true;
    if (word === "w" || word === "whole") showRest(cli, asking);
    else if (await decide(cli, word, asking)) return true;
  }
}

/** Whether the word leads to a recorded decision. */
async function decide(cli: Cli, word: string, asking: Asking): Promise<boolean> {
  const { request, view, answered, draft } = asking;
  const before = draft.text;
  try {
    const decision = await decisionFor(cli, word, view, draft);
    if (!decision) return false;
    if (decision.type === "approve" && showRest(cli, asking)) {
      cli.note("You had not seen these lines, so nothing is decided.");
      return false;
    }
    await recordAnswer(await cli.engine(), request.id, decision, cli.answerer);
    return true;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    cli.note(messageOf(error));
    const isEdit = draft.text !== before;
    return isEdit && (await wantsToEdit(cli, answered)) && decide(cli, word, asking);
  }
}

/** Shows the lines that the person has not seen. @returns whether there were any. */
function showRest(cli: Cli, asking: Asking): boolean {
  const { rest } = asking;
  if (rest.length > 0) cli.err.write(`${rest.join("\n")}\n`);
  asking.rest = [];
  return rest.length > 0;
}

/** After an edit that cannot be used: the text is kept, and the person may go on with it. */
async function wantsToEdit(cli: Cli, answered: AbortSignal): Promise<boolean> {
  const word = await askLine(cli, "Your text is kept. Press Enter to edit it, or type [b]ack: ", answered);
  return word === "";
}

/** Waits until the request is closed. Also answers requests whose deadline has passed. */
async function watchRequest(
  database: Database,
  id: string,
  signal: AbortSignal,
  onAnswer: () => void,
): Promise<void> {
  while (!signal.aborted) {
    await answerDue(database);
    if ((await getRequest(database, id)).status !== "open") {
      onAnswer();
      return;
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined); // Aborted: the loop ends.
  }
}

function noteAnswer(cli: Cli, { answer, ...request }: HumanRequest): void {
  const what = answer === null ? "withdrawn" : renderAnswer({ ...request, decision: answer }, Date.now());
  cli.note(`Request ${request.id}: ${what}`);
}
