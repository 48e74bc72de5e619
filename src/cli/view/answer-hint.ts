import { commandLine } from "../../app.ts";
import { lineForDecision } from "../../format/decision-text.ts";
import { KINDS } from "../../requests/kinds.ts";
import { oneLine } from "./display-width.ts";

/**
 * The shell commands that answer a request, the likeliest first. A long request is approved only with --whole: only those who
 * have the whole request get that command.
 *
 * @param isWhole - whether the person sees the whole request.
 */
export function renderAnswerHint(
  request: { readonly id: string; readonly kind: string; readonly payload?: unknown },
  kinds = KINDS,
  isWhole = false,
): string[] {
  const word = shellWord(request.id);
  const kind = kinds.of(request);
  const { isLong } = kind.view({ payload: request.payload }).size;
  return (
    kind
      .ways(request.payload)
      // An option with hidden characters can be chosen by its number, not copied.
      .filter((way) => lineForDecision(way) === way && (isWhole || !isLong || !APPROVE.test(way)))
      .map((way) => commandLine(`answer ${word} ${isLong ? way.replace(APPROVE, "approve --whole") : way}`))
  );
}

const APPROVE = /^approve\b/;

/** A word that is safe to paste into a shell: plain or quoted. */
export function shellWord(word: string): string {
  const shown = oneLine(word);
  return /^[\w.:@/-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
