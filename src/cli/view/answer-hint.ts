import { commandLine } from "../../app.ts";
import { KINDS } from "../../requests/kinds.ts";
import { oneLine } from "./display-width.ts";

/** How a request is answered from a shell, a line for each way, the likeliest first. */
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

/** A word safe to paste into a shell: quoted unless it is plain. */
export function shellWord(word: string): string {
  const shown = oneLine(word);
  return /^[\w.:@/-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
