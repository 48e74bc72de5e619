/** The sentences of a text, without headings, list marks and code. In order, each once. */
export function sentencesIn(text: string): string[] {
  const prose = text
    .replaceAll(/```[\s\S]*?```/g, " ")
    .replaceAll(/<\/?[a-z_]+>/g, " ")
    .split("\n")
    .map((line) => line.replace(/^\s*(?:[-*+>]|\d+[.)]|#{1,6})\s+/, "").trim())
    .filter((line) => line !== "");
  const sentences = prose
    .flatMap((line) => line.split(/(?<=[.!?])\s+(?=\p{Lu}|\d)/u))
    .map((one) => one.trim());
  return [...new Set(sentences)].filter((one) => /\p{L}/u.test(one));
}

/** Words that say little about the subject of a text. */
const COMMON = new Set(
  "a an and are as at be by can do does each every for from give has have how if in into is it its more most not of on one only or other out over same say should so some such than that the their them then there these they this those three to two under use used using what when where which who why will with you your".split(
    " ",
  ),
);

function wordsIn(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}-]+/u)
    .filter((word) => word.length > 2 && !COMMON.has(word));
}

/** The sentences that share most words with the rest of the text, in the text's order. */
export function keySentences(sentences: readonly string[], count: number): string[] {
  const weights = new Map<string, number>();
  for (const word of sentences.flatMap(wordsIn)) weights.set(word, (weights.get(word) ?? 0) + 1);
  const scored = sentences.map((sentence, index) => {
    const words = new Set(wordsIn(sentence));
    const weight = [...words].reduce((sum, word) => sum + (weights.get(word) ?? 0), 0);
    return { sentence, index, score: weight / Math.sqrt(words.size + 1) };
  });
  return scored
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ sentence }) => sentence);
}

/** The subject of a text: its most frequent words, in the text's order. */
export function topicsIn(text: string, count: number): string[] {
  const counts = new Map<string, number>();
  for (const word of wordsIn(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([word]) => word);
}

/** A section of a prompt: a Markdown heading with a result below it. */
export interface Section {
  readonly title: string;
  readonly text: string;
}

/** The text before the first `###` heading, without the line that introduces the sections, and the sections. */
export function sectionsIn(text: string): { readonly before: string; readonly sections: Section[] } {
  const [before = "", ...parts] = text.split(/^### +/m);
  const sections = parts.map((part) => {
    const [title = "", ...lines] = part.split("\n");
    return { title: title.trim(), text: lines.join("\n").trim() };
  });
  const asked = sections.length > 0 ? before.trim().replace(/\n[^\n]*:$/, "") : before;
  return { before: asked.trim(), sections };
}

/** The question of the prompt: its `<request>`, or else the whole prompt. */
export function requestIn(prompt: string): string {
  return (/<request>\s*([\s\S]*?)\s*<\/request>/.exec(prompt)?.[1] ?? prompt).trim();
}
