import type { Action, Editor, Offer } from "./view.ts";

const NONE: Editor = { type: "none" };

/** An offer such as `[y]es`, selected by `y` or one of the words. */
function offer(text: string, words: readonly string[], isPlain = false): Offer {
  const letter = /\[(\w)\]/.exec(text)?.[1];
  return { text, words: [...(letter === undefined ? [] : [letter]), ...words], isPlain };
}

export function approve(label: string, text = "[y]es"): Action {
  const words = ["y", "yes", "a", "approve"];
  return { type: "approve", label, message: "", editor: NONE, offers: [offer(text, words)] };
}

export function edit(label: string, editor: Editor, text = "[e]dit"): Action {
  return { type: "edit", label, message: "", editor, offers: [offer(text, ["edit"])] };
}

/** The labels of a message: on the page, and in a terminal. */
export interface Words {
  readonly label: string;
  readonly question: string;
}

/** A rejection with an optional reason. */
export function reject(label: string, { label: why, question }: Words): Action {
  return {
    type: "reject",
    label,
    message: "",
    editor: { type: "message", label: why, question, isRequired: false },
    offers: [offer("[n]o", ["no"], true), offer("[r]eject with a reason", ["reject"])],
  };
}

/** A rejection. A terminal asks for no reason. */
export function giveUp(label: string, why: string, text: string, words: readonly string[] = []): Action {
  const plain = offer(text, ["n", "no", ...words], true);
  const editor = { type: "message", label: why, question: `${why}: `, isRequired: false } as const;
  return { type: "reject", label, message: "", editor, offers: [plain] };
}

/** An answer with a message. */
export function respond(label: string, { label: what, question }: Words, text: string): Action {
  const editor = { type: "message", label: what, question, isRequired: true } as const;
  return { type: "respond", label, message: "", editor, offers: [offer(text, ["say", "respond", "answer"])] };
}

/** An answer with a fixed message. */
export function respondWith(label: string, message: string, text: string, words: readonly string[]): Action {
  return { type: "respond", label, message, editor: NONE, offers: [offer(text, words, true)] };
}

/** One of several answers. In a terminal the user types its number. */
export function choose(options: readonly string[]): Action {
  const offers = [offer(options.length === 1 ? "1" : `1–${options.length}`, [])];
  return { type: "respond", label: "Answer", message: "", editor: { type: "option", options }, offers };
}
