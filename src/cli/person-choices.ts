import type { Decision } from "../domain/decision.ts";
import { jsonForDecision } from "../format/decision-text.ts";
import type { Action, KindView, ShownTask } from "../requests/view.ts";
import { askLine } from "./ask-line.ts";
import type { Cli } from "./cli.ts";
import { editInEditor } from "./edit-in-editor.ts";
import { parseJson } from "./run-options.ts";

/** The choices at a request: `[y]es, [n]o`. */
export function offersOf({ actions }: KindView): string {
  return actions.flatMap(({ offers }) => offers.map(({ text }) => text)).join(", ");
}

/** The text that a person has edited and that is not an answer yet. The next edit opens it again. */
export interface Draft {
  text?: string;
}

/**
 * The decision behind a typed word. Undefined without one: the word is unknown, the message is empty, or the editor was left
 * without a change.
 *
 * @throws UsageError when the edited text cannot be used. It stays in the draft.
 */
export async function decisionFor(
  cli: Cli,
  word: string,
  view: KindView,
  draft: Draft,
): Promise<Decision | undefined> {
  const byNumber = view.actions.flatMap((action) => numbered(action, word) ?? [])[0];
  if (byNumber) return byNumber;
  for (const action of view.actions) {
    const offer = action.offers.find(({ words }) => words.includes(word.toLowerCase()));
    if (offer) return offer.isPlain ? plainDecision(action) : edited(cli, action, view, draft);
  }
  return undefined;
}

/** An amount, or the number of an option. */
function numbered({ editor }: Action, word: string): Decision | undefined {
  const number = Number(word.replace(/^\$/, ""));
  if (editor.type === "amount" && number > 0) return { type: "edit", args: { [editor.name]: number } };
  const option = editor.type === "option" ? editor.options[number - 1] : undefined;
  return option === undefined ? undefined : { type: "respond", message: option };
}

function plainDecision({ type, message }: Action): Decision | undefined {
  if (type === "approve") return { type };
  return type === "edit" ? undefined : { type, message };
}

/** The decision with the person's input: a line of text, or a file in their editor. */
async function edited(cli: Cli, action: Action, view: KindView, draft: Draft): Promise<Decision | undefined> {
  const { editor } = action;
  switch (editor.type) {
    case "message":
      return withMessage(cli, action, await askLine(cli, editor.question));
    case "text": {
      const text = await editDraft(cli, draft, editor.text, `${editor.name}.md`);
      return text === undefined ? undefined : { type: "edit", args: { [editor.name]: text } };
    }
    case "json":
      return editJson(cli, draft, editor.value);
    case "tasks":
      return editJson(cli, draft, { tasks: tasksIn(view).map(wholeTask) });
    default:
      return plainDecision(action);
  }
}

/** An empty message decides nothing: who wants to reject without a reason has a word for that. */
function withMessage(cli: Cli, { type }: Action, message: string | undefined): Decision | undefined {
  if (message === "") cli.note("You wrote nothing, so nothing is decided.");
  if (message === undefined || message === "") return undefined;
  return type === "reject" || type === "respond" ? { type, message } : undefined;
}

async function editJson(cli: Cli, draft: Draft, value: unknown): Promise<Decision | undefined> {
  const written = await editDraft(cli, draft, `${jsonForDecision(value)}\n`, "request.json");
  return written === undefined ? undefined : { type: "edit", args: parseJson(written, "Your text") };
}

async function editDraft(cli: Cli, draft: Draft, text: string, name: string): Promise<string | undefined> {
  const written = await editInEditor(draft.text ?? text, name);
  if (written === undefined) cli.note("You changed nothing, so nothing is decided.");
  else draft.text = written;
  return written;
}

function tasksIn({ sections }: KindView): readonly ShownTask[] {
  return sections.flatMap((section) => (section.type === "tasks" ? section.tasks : []));
}

function wholeTask({ checks: _, rest, ...task }: ShownTask): object {
  return { ...task, ...rest };
}
