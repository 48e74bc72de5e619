import { oneLine } from "./display-width.ts";

/** How a request is answered from a shell, a line for each way. */
export function renderAnswerHint(requestId: string): string[] {
  const answer = `npm run graph -- answer ${shellWord(requestId)}`;
  return [`${answer} approve`, `${answer} edit --args '<JSON>'`, `${answer} reject --message "<why>"`];
}

/** A word safe to paste into a shell: quoted unless it is plain. */
export function shellWord(word: string): string {
  const shown = oneLine(word);
  return /^[\w.:@/-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
