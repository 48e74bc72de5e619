import type { Finding, Level } from "../../domain/finding.ts";
import { oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter, type Tone } from "./paint.ts";
import type { RenderOptions } from "./render-options.ts";

const MARKS: Readonly<Record<Level, readonly [glyph: string, tone: Tone]>> = {
  fine: ["✓", "green"],
  doubtful: ["!", "yellow"],
  broken: ["✗", "red"],
};

/** Each finding, and below it the fix. */
export function renderCheckUp(findings: readonly Finding[], { columns, color }: RenderOptions): string {
  const paint = createPainter(color);
  const width = Math.max(...findings.map(({ topic }) => topic.length));
  const indent = " ".repeat(width + 4);
  return findings
    .flatMap(({ topic, level, says, fix }) => {
      const [first = "", ...rest] = wrapToWidth(oneLine(says), columns - indent.length);
      const fixes = fix ? wrapToWidth(`→ ${oneLine(fix)}`, columns - indent.length) : [];
      const head = `${paint(MARKS[level][1], MARKS[level][0])} ${topic.padEnd(width)}  ${first}`;
      return [head, ...[...rest, ...fixes].map((line) => indent + line)];
    })
    .join("\n");
}
