import type { Decision } from "../domain/decision.ts";

/**
 * What a person sees of a request and may do about it. The request's kind makes it; terminal and page draw it without
 * knowing the kind. Agents wrote much of its text.
 */
export interface KindView {
  /** `A plan waits for you`. */
  readonly title: string;
  /** What a terminal asks: `Approve?` */
  readonly question: string;
  readonly sections: readonly Section[];
  /** The likeliest first. */
  readonly actions: readonly Action[];
}

/** A part of what is asked about. A folded text is long and beside the point. */
export type Section =
  | { readonly type: "text"; readonly label: string; readonly text: string; readonly isFolded: boolean }
  | { readonly type: "code"; readonly label: string; readonly text: string }
  | { readonly type: "facts"; readonly facts: readonly NamedText[] }
  | { readonly type: "values"; readonly label: string; readonly values: readonly NamedText[] }
  | { readonly type: "attempts"; readonly attempts: readonly ShownAttempt[] }
  | {
      readonly type: "tasks";
      readonly tasks: readonly ShownTask[];
      /** What they may cost in USD. */
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
  /** How its result is checked: `the command: npm test`. */
  readonly checks: readonly string[];
  /** What else the plan says of it; an edit keeps it. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** One thing that a person may do: a button of the page, one or more offers on a terminal. */
export interface Action {
  /** The type of the decision that it makes. */
  readonly type: Decision["type"];
  readonly label: string;
  /** The decision's message where nothing is typed. */
  readonly message: string;
  readonly editor: Editor;
  readonly offers: readonly Offer[];
}

export interface Offer {
  /** `[y]es`. */
  readonly text: string;
  /** What is typed for it, in lower case. */
  readonly words: readonly string[];
  /** Whether it decides without the editor. */
  readonly isPlain: boolean;
}

/**
 * What a person gives with a decision, and what the decision carries then: `message` its message; `option` one of the
 * options as its message; `text` and `amount` the edit `{ [name]: … }`; `json` the edit itself; `tasks` the edit
 * `{ tasks }` of the tasks that the view shows. `send` is the word of the button that sends it.
 */
export type Editor =
  | { readonly type: "none" }
  | {
      readonly type: "message";
      readonly label: string;
      /** The label as a terminal asks for it. */
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
