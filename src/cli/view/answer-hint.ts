import { commandLine } from "../../app.ts";
import { KINDS } from "../../requests/kinds.ts";
import { oneLine } from "./display-width.ts";

/** The shell commands that answer a request, the likeliest first. */
export function renderAnswerHint(
  request: { readonly id: string; readonly kind: string; readonly payload?: unknown },
  kinds = KINDS,
): string[] {
  const word = shellWord(request.id);
  return kinds
    .of(request)
    .ways(request.payload)
    .map((way) => commandLine(`answer ${word} ${way}`));
}

/** A word that is safe to paste into a shell: plain or quoted. */
export function shellWord(word: string): string {
  const shown = oneLine(word);
  return /^[\w.:@/-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
