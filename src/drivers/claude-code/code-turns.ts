import type { AgentRequest, AttemptContext } from "../../attempts/agent-request.ts";
import { purposeOf } from "../../attempts/turn-purpose.ts";
import { fromJournal } from "../../calls/journal.ts";
import type { Opened } from "../../calls/purpose.ts";
import type { TurnResponse } from "../../calls/transport.ts";
import { buyTurn } from "../../calls/turn.ts";
import { NestedSpawnError } from "../../domain/errors.ts";
import type { Model } from "../../domain/model.ts";
import { type RecordedTurn, recordedTurns, replayTurn } from "../../postgres/claude-calls/ledger.ts";
import type { CodeTurn } from "./foreign-request.ts";
import type { CodeSession } from "./session.ts";

/**
 * The model refused. Claude Code would ask it again and take its explanation as the result, so the attempt ends here. As
 * with every driver, the next attempt's prompt contains the reason.
 */
export class RefusalError extends Error {
  override readonly name = "RefusalError";
  readonly response: TurnResponse;

  constructor(response: TurnResponse) {
    super("Claude refused to do this task.");
    this.response = response;
  }
}

interface TurnSettings {
  readonly modelNamed: (name: string) => Model;
  /** The small model for calls beside the conversation. */
  readonly haiku: string;
}

/** The attempt that the turns belong to. */
interface TurnsOf {
  readonly opened: Opened;
  readonly attempt: number;
  readonly session: Pick<CodeSession, "isKnown">;
}

/**
 * The answers to Claude Code's requests in one attempt. Where its session is lost it starts the conversation again, and what
 * its tools say may differ by now: then it is answered with the recorded turns, in their order, before anything is bought.
 */
export class CodeTurns {
  readonly #settings: TurnSettings;
  readonly #request: AgentRequest;
  readonly #context: AttemptContext;
  readonly #of: TurnsOf;
  readonly #recorded: RecordedTurn[];
  #last: number;

  private constructor(
    settings: TurnSettings,
    request: AgentRequest,
    context: AttemptContext,
    of: TurnsOf,
    recorded: readonly RecordedTurn[],
  ) {
    this.#settings = settings;
    this.#request = request;
    this.#context = context;
    this.#of = of;
    this.#recorded = of.session.isKnown ? [] : [...recorded];
    this.#last = Math.max(0, ...recorded.map(({ turn }) => turn));
  }

  static async open(
    settings: TurnSettings,
    request: AgentRequest,
    context: AttemptContext,
    of: TurnsOf,
  ): Promise<CodeTurns> {
    const { database } = context.claude;
    const recorded = request.hasHistory
      ? await recordedTurns(database, { ...request, attempt: of.attempt })
      : [];
    return new CodeTurns(settings, request, context, of, recorded);
  }

  /** The number of the conversation's last turn. */
  get last(): number {
    return this.#last;
  }

  /** @throws RefusalError, and all that buying a turn throws. */
  async buy(turn: CodeTurn): Promise<TurnResponse> {
    const { database } = this.#context.claude;
    const isMain = this.#isMain(turn);
    this.#check(turn, isMain);
    const recorded = isMain ? this.#recorded.shift() : undefined;
    const response = recorded
      ? fromJournal(await replayTurn(database, recorded))
      : await this.#buyNow(turn, isMain ? turn.turn : BESIDE);
    if (response.stopReason === "refusal") throw new RefusalError(response);
    return response;
  }

  /** Claude Code also asks for things beside the conversation, such as a title for it. */
  #isMain({ content, model }: CodeTurn): boolean {
    const { system } = this.#of.opened.content;
    return model === this.#of.opened.model.id && content.system.includes(JSON.stringify(system).slice(1, -1));
  }

  /**
   * Only its own conversation and what Claude Code asks beside it, which has no tools: everything else is an agent inside.
   *
   * @throws NestedSpawnError
   */
  #check({ content, model, prompts }: CodeTurn, isMain: boolean): void {
    const isOurs = isMain
      ? prompts.includes(this.#of.opened.content.prompt) || prompts.includes(COMPACTED)
      : !content.tools?.some(({ name }) => !SERVER_TOOLS.has(name));
    const isModel = model === this.#of.opened.model.id || model === this.#settings.haiku;
    if (isOurs && isModel) return;
    throw new NestedSpawnError("The agent started another agent, which asked Claude with its key.");
  }

  /** At the price of the model that it asks for. */
  async #buyNow({ content, model: name, maxTokens }: CodeTurn, turn: number): Promise<TurnResponse> {
    const { claude, onText } = this.#context;
    const { opened, attempt } = this.#of;
    this.#last = Math.max(this.#last, turn);
    const model = name === opened.model.id ? opened.model : this.#settings.modelNamed(name);
    const most = Math.min(claude.maxTokens ?? Infinity, maxTokens ?? Infinity);
    const bounded = { ...claude, maxTokens: Number.isFinite(most) ? most : undefined };
    const by = { agent: this.#request.agent.name, model, attempt, turn };
    const { response } = await buyTurn(bounded, content, {
      ...purposeOf(this.#request, this.#context, by),
      opening: turn === 1 ? opened : undefined,
      ...(onText && { onText }),
    });
    return response;
  }
}

/** How Claude Code begins a conversation whose beginning it has summarized. */
const COMPACTED = "This session is being continued from a previous conversation";
/** Tools that Anthropic's servers run. */
const SERVER_TOOLS: ReadonlySet<string> = new Set(["web_search", "web_fetch"]);

/** The turn of a call beside the conversation. */
const BESIDE = 0;
