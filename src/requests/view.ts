import type { Decision } from "../domain/decision.ts";
import type { DecisionSize } from "../format/decision-text.ts";

/**
 * A request for people: its whole content and its possible answers. The request's kind makes the view; terminal and page draw it
 * without knowing the kind. Much of its text comes from agents: show it with `textForDecision`.
 */
export interface KindView {
  /** `A plan waits for you`. */
  readonly title: string;
  /** The question in a terminal: `Approve?` */
  readonly question: string;
  readonly sections: readonly Section[];
  /** Of the sections. Nobody may approve a long request that they have seen only in part. */
  readonly size: DecisionSize;
  /** The most likely first. */
  readonly actions: readonly Action[];
}

/** A part of the content. `diff` is a unified diff. */
export type Section =
  | { readonly type: "text" | "code" | "diff"; readonly label: string; readonly text: string }
  | { readonly type: "facts"; readonly facts: readonly NamedText[] }
  | { readonly type: "values"; readonly label: string; readonly values: readonly NamedText[] }
  | { readonly type: "attempts"; readonly attempts: readonly ShownAttempt[] }
  | {
      readonly type: "tasks";
      readonly tasks: readonly ShownTask[];
      /** The estimated cost in USD. */
      readonly estimateUsd: number | null;
    };

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

export interface ShownAttempt {
  readonly attempt: number;
  readonly model: string;
  readonly failure: string;
  readonly digest: string;
}

export interface ShownTask {
  readonly id: string;
  readonly agent: string;
  readonly description: string;
  readonly prompt: string;
  readonly dependsOn: readonly string[];
  readonly model: string | null;
  /** Its validators: `the command: npm test`. */
  readonly checks: readonly string[];
  /** All other fields of the plan's task; an edit keeps them. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** One possible answer: a button on the page, one or more offers in a terminal. */
export interface Action {
  /** The type of its decision. */
  readonly type: Decision["type"];
  readonly label: string;
  /** The decision's message when the user types none. */
  readonly message: string;
  readonly editor: Editor;
  readonly offers: readonly Offer[];
}

export interface Offer {
  /** `[y]es`. */
  readonly text: string;
  /** The words that select it, in lower case. */
  readonly words: readonly string[];
  /** Whether it skips the editor. */
  readonly isPlain: boolean;
}

/**
 * The input for a decision. `message` gives the decision's message; `option` gives one of the options as the message; `text`
 * and `amount` give the edit `{ [name]: … }`; `json` gives the edit itself; `tasks` gives the edit `{ tasks }` of the tasks in
 * the view. `send` is the label of the send button.
 */
export type Editor =
  | { readonly type: "none" }
  | {
      readonly type: "message";
      readonly label: string;
      /** The label in a terminal. */
      readonly question: string;
      readonly isRequired: boolean;
    }
  | { readonly type: "option"; readonly options: readonly string[] }
  | {
      readonly type: "text";
      readonly label: string;
      readonly name: string;
      readonly text: string;
      readonly send: string;
    }
  | { readonly type: "json"; readonly label: string; readonly value: unknown; readonly send: string }
  | {
      readonly type: "amount";
      readonly label: string;
      readonly name: string;
      readonly amount: number | null;
      readonly least: number;
      readonly send: string;
    }
  | { readonly type: "tasks"; readonly send: string };
