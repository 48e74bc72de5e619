import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, UsageError } from "../domain/errors.ts";
import type { HumanRequest } from "../domain/request.ts";
import type { Database } from "../postgres/database.ts";
import { answerDue, getRequest } from "../postgres/requests.ts";
import { kindOf } from "../requests/kinds.ts";
import { recordAnswer } from "../runs/answer.ts";
import { askLine } from "./ask-line.ts";
import type { Cli } from "./cli.ts";
import { decisionFor, offersOf } from "./person-choices.ts";
import { renderAnswer } from "./view/render-answer.ts";
import { pageFor } from "./view/render-options.ts";
import { renderRequest } from "./view/render-request.ts";

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

async function askUntilDecided(cli: Cli, request: HumanRequest, answered: AbortSignal): Promise<boolean> {
  const view = kindOf(request).view(request);
  for (;;) {
    const word = await askLine(cli, `${view.question} ${offersOf(view)}, [l]ater: `, answered);
    if (word === undefined) return false;
    if (word === "l" || word === "later") return true;
    try {
      const decision = await decisionFor(cli, word, view);
      if (!decision) continue;
      await recordAnswer(await cli.engine(), request.id, decision, cli.answerer);
      return true;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      cli.note(messageOf(error));
    }
  }
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
