import type { Finding, Level } from "../../domain/finding.ts";
import { oneLine } from "./display-width.ts";
import { createPainter, type Tone } from "./paint.ts";

const MARKS: Readonly<Record<Level, readonly [glyph: string, tone: Tone]>> = {
  fine: ["✓", "green"],
  doubtful: ["!", "yellow"],
  broken: ["✗", "red"],
};

/** One line a finding, and below it what to do about it. */
export function renderCheckUp(findings: readonly Finding[], color: boolean): string {
  const paint = createPainter(color);
  const width = Math.max(...findings.map(({ topic }) => topic.length));
  return findings
    .flatMap(({ topic, level, says, fix }) => [
      `${paint(MARKS[level][1], MARKS[level][0])} ${topic.padEnd(width)}  ${oneLine(says)}`,
      ...(fix ? [`${" ".repeat(width + 4)}→ ${oneLine(fix)}`] : []),
    ])
    .join("\n");
}
