import { tailOf } from "../format/text.ts";
import { commitCall } from "../postgres/claude-calls/ledger.ts";
import { openConversation } from "./opening.ts";
import { FEW_BYTES_PER_TOKEN } from "./prompt-size.ts";
import type { Claude, PaidTurn, TurnPurpose } from "./purpose.ts";
import { LEAST_TOKENS } from "./room.ts";
import { stitch } from "./stitch.ts";
import { isCutOff } from "./stop-reason.ts";
import { echoable, inputProblem } from "./tool-input.ts";
import type { ConversationMessage, OpeningContent, TurnResponse } from "./transport.ts";
import { buyTurn, type TurnContent } from "./turn.ts";

/** The most times that an answer goes on after it was cut off. */
const MOST_CONTINUATIONS = 3;
/** Characters of its end that a cut answer is shown. */
const QUOTED_CHARACTERS = 200;
/** How much more room an answer gets than the piece that was cut off. */
const MORE_ROOM = 2;

/** An answer with all its pieces. `response` is the last one, with the text of all of them. */
export interface Answer extends PaidTurn {
  /** The place of its last turn. */
  readonly turn: number;
  /** The messages before its last piece, which belong to the conversation. */
  readonly before: readonly ConversationMessage[];
  /** Whether its end is missing for good. */
  readonly isCut: boolean;
}

/** What has been bought of an answer. */
interface Pieces {
  readonly text: string;
  readonly before: readonly ConversationMessage[];
  readonly continuations: number;
  /** Whether a turn was thrown away because nothing of it could be used. */
  readonly hasRetried: boolean;
  readonly wantedTokens: number | undefined;
}

/**
 * Gets an answer, whole if possible: when its text is cut off it goes on in further turns, each with more room, up to three
 * times and as long as there is progress. A cut tool call, or thinking without an answer, is asked for once more with
 * more room. Each piece is in the record like any other turn.
 *
 * @param purpose - `turn` is the place of the first piece. `commit` is called for the last one, with the whole text.
 * @throws the errors of `buyTurn`.
 */
export async function buyAnswer(claude: Claude, content: TurnContent, purpose: TurnPurpose): Promise<Answer> {
  let pieces: Pieces = {
    text: "",
    before: [],
    continuations: 0,
    hasRetried: false,
    wantedTokens: purpose.wantedTokens,
  };
  let costUsd = 0;
  for (let turn = purpose.turn; ; turn++) {
    const now = pieces;
    const paid = await buyTurn(claude, continuedWith(content, now, turn > purpose.turn), {
      ...purpose,
      turn,
      wantedTokens: now.wantedTokens,
      commit: (call, response) =>
        purpose.commit && !nextPieces(now, response)
          ? purpose.commit(call, joined(now, response))
          : commitCall(claude.database, call),
    });
    costUsd += paid.costUsd;
    const next = nextPieces(now, paid.response);
    if (!next) {
      const response = joined(now, paid.response);
      const isCut = isCutTurn(response);
      return { response, costUsd, callId: paid.callId, turn, before: now.before, isCut };
    }
    pieces = next;
  }
}

/** Asks one question. What it asks is what is recorded of it, if it was asked before. */
export async function askOnce(claude: Claude, given: OpeningContent, purpose: TurnPurpose): Promise<Answer> {
  const { content, model } = await openConversation(claude, given, purpose);
  return buyAnswer(claude, content, { ...purpose, model });
}

function continuedWith(
  content: TurnContent,
  { before, continuations }: Pieces,
  isLater: boolean,
): TurnContent {
  if (!isLater) return content;
  const continued = [...(content.continued ?? []), ...before];
  return { ...content, continued, ...(continuations > 0 && { goesOn: true }) };
}

function joined({ text }: Pieces, response: TurnResponse): TurnResponse {
  return { ...response, text: stitch(text, response.text) };
}

/** What the next turn is asked with; undefined when the answer is whole, or goes on no further. */
function nextPieces(pieces: Pieces, response: TurnResponse): Pieces | undefined {
  const { text, before, continuations, hasRetried } = pieces;
  if (response.stopReason === "pause_turn" && text !== "") return afterPause(pieces, response);
  // With a full window only less of the conversation would help.
  if (response.stopReason !== "max_tokens" || hasWholeCalls(response)) return undefined;
  const wantedTokens = MORE_ROOM * usedTokens(response);
  const whole = stitch(text, response.text);
  const isText = callsOf(response).length === 0 && response.text.trim() !== "";
  if (!isText) return hasRetried ? undefined : { ...pieces, hasRetried: true, wantedTokens };
  if (continuations >= MOST_CONTINUATIONS || whole.length <= text.length) return undefined;
  const said: ConversationMessage[] = [
    { role: "assistant", content: withoutOpenEnds(response.content) },
    { role: "user", content: goOn(whole) },
  ];
  return {
    text: whole,
    before: [...before, ...said],
    continuations: continuations + 1,
    hasRetried,
    wantedTokens,
  };
}

/** A pause in a later piece: sent back as it is, the answer goes on. In the first one it is a turn like one with calls. */
function afterPause(pieces: Pieces, { content, text }: TurnResponse): Pieces | undefined {
  const said = echoable(content);
  if (said.length === 0 || pieces.continuations >= MOST_CONTINUATIONS) return undefined;
  return {
    ...pieces,
    text: stitch(pieces.text, text),
    before: [...pieces.before, { role: "assistant", content: said }],
    continuations: pieces.continuations + 1,
  };
}

function goOn(text: string): string {
  return `Your previous response was interrupted because it had no more room, and ended with:\n\n[${tailOf(text, QUOTED_CHARACTERS)}]\n\nContinue exactly where it ended. Repeat nothing, introduce nothing, and open no code block again.`;
}

function usedTokens({ usage, content }: TurnResponse): number {
  const seen = Math.ceil(Buffer.byteLength(JSON.stringify(content)) / FEW_BYTES_PER_TOKEN);
  return Math.max(LEAST_TOKENS, usage?.output ?? seen);
}

/** Without what the API refuses after a cut: thinking that has no signature yet, and calls of its own tools without results. */
function withoutOpenEnds(content: readonly unknown[]): unknown[] {
  const answered = new Set(content.map((block) => Object(block).tool_use_id));
  return echoable(content).filter((block) => {
    const { type, signature, id } = Object(block);
    if (type === "server_tool_use") return answered.has(id);
    return type !== "thinking" || (typeof signature === "string" && signature !== "");
  });
}

/** Whether a turn has no end: it was cut off, and not just behind its calls. */
export function isCutTurn(response: Pick<TurnResponse, "stopReason" | "content">): boolean {
  return isCutOff(response.stopReason) && !hasWholeCalls(response);
}

function callsOf({ content }: Pick<TurnResponse, "content">): unknown[] {
  return content.filter((block) => Object(block).type === "tool_use");
}

/** Whether an answer has calls, and all of them arrived whole. */
function hasWholeCalls(response: Pick<TurnResponse, "content">): boolean {
  const calls = callsOf(response);
  return calls.length > 0 && calls.every((call) => inputProblem(Object(call).input) === undefined);
}
