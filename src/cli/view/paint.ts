const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
export type Tone = keyof typeof CODES;
export type Painter = (tone: Tone | undefined, text: string) => string;

const ESC = String.fromCodePoint(0x1b);

/** All sequences that the painter writes. None of them can hide a text. */
export const SEQUENCES: ReadonlySet<string> = new Set([0, ...Object.values(CODES)].map(sequenceOf));

function sequenceOf(code: number): string {
  return `${ESC}[${code}m`;
}

/** Colours a text of final width. Without colour, returns it unchanged. */
export function createPainter(color: boolean): Painter {
  return (tone, text) =>
    color && tone && text !== "" ? `${sequenceOf(CODES[tone])}${text}${sequenceOf(0)}` : text;
}
