import type { Decision } from "../domain/decision.ts";
import type { Action, KindView, ShownTask } from "../requests/view.ts";
import { askLine } from "./ask-line.ts";
import type { Cli } from "./cli.ts";
import { editInEditor } from "./edit-in-editor.ts";
import { parseJson } from "./run-options.ts";

/** The choices at a request: `[y]es, [n]o`. */
export function offersOf({ actions }: KindView): string {
  return actions.flatMap(({ offers }) => offers.map(({ text }) => text)).join(", ");
}

/** The decision behind a typed word; undefined for an unknown word. */
export async function decisionFor(cli: Cli, word: string, view: KindView): Promise<Decision | undefined> {
  const byNumber = view.actions.flatMap((action) => numbered(action, word) ?? [])[0];
  if (byNumber) return byNumber;
  for (const action of view.actions) {
    const offer = action.offers.find(({ words }) => words.includes(word.toLowerCase()));
    if (offer) return offer.isPlain ? plainDecision(action) : edited(cli, action, view);
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
async function edited(cli: Cli, action: Action, view: KindView): Promise<Decision | undefined> {
  const { editor } = action;
  switch (editor.type) {
    case "message":
      return withMessage(action, editor.isRequired, await askLine(cli, editor.question));
    case "text":
      return { type: "edit", args: { [editor.name]: await editInEditor(editor.text, `${editor.name}.md`) } };
    case "json":
      return { type: "edit", args: await editJson(editor.value) };
    case "tasks":
      return { type: "edit", args: await editJson({ tasks: tasksIn(view).map(wholeTask) }) };
    default:
      return plainDecision(action);
  }
}

function withMessage(
  { type }: Action,
  isRequired: boolean,
  message: string | undefined,
): Decision | undefined {
  if (message === undefined || (isRequired && message === "")) return undefined;
  return type === "reject" || type === "respond" ? { type, message } : undefined;
}

async function editJson(value: unknown): Promise<unknown> {
  const written = await editInEditor(`${JSON.stringify(value, null, 2)}\n`, "request.json");
  return parseJson(written, "Your text");
}

function tasksIn({ sections }: KindView): readonly ShownTask[] {
  return sections.flatMap((section) => (section.type === "tasks" ? section.tasks : []));
}

function wholeTask({ checks: _, rest, ...task }: ShownTask): object {
  return { ...task, ...rest };
}
