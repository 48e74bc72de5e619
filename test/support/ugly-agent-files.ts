import fc from "fast-check";

/** A file as people and editors leave it, and a mark for each thing in it that must not be lost without a word. */
export interface UglyFile {
  readonly text: string;
  readonly marks: readonly string[];
}

const KEYS = [
  ...["name", "description", "tools", "disallowedTools", "model", "color", "maxTurns", "skills", "memory"],
  ...["mcpServers", "hooks", "permissionMode", "background", "effort", "isolation", "initialPrompt"],
  ...["executor", "ask", "allowed-tools", "tags", "x_y", "__proto__", "constructor"],
] as const;

const noise = fc.constantFrom(
  ...["", " ", ": ", " #", " - ", "'", '"', "\t", "\\", "{", "}", "[", "]", ",", "*", "%", "@", "`"],
  ...[
    "\u0000",
    "\u0007",
    "\u0085",
    "\u2028",
    "\u200d",
    "\ufeff",
    "👩‍🚀",
    "é",
    "e\u0301",
    "\ud800",
    "| ",
    "> ",
    "? ",
  ],
  ...[
    "true",
    "null",
    "5.10",
    "0x1F",
    "1e999",
    "-0",
    "Read",
    "Task",
    "Bash(git:*, npm:*)",
    "sonnet",
    "writes",
    "---x",
  ],
);
const text = fc.array(noise, { maxLength: 6 }).map((parts) => parts.join(""));

/** One key's lines: its value in one of the forms that YAML and people have, with its mark in it. */
function entry(key: string, index: number): fc.Arbitrary<{ readonly lines: string; readonly mark: string }> {
  const mark = `mark${index}q`;
  const forms = (before: string, after: string): fc.Arbitrary<string> =>
    fc.constantFrom(
      `${key}: ${before}${mark}${after}`,
      `${key}: "${(before + after).replaceAll(/["\\]/g, "")}${mark}"`,
      `${key}: '${(before + after).replaceAll("'", "''")}${mark}'`,
      `${key}: [Read, ${mark}]`,
      `${key}: [${before.replaceAll("#", "")}, ${mark}${after}]`,
      `${key}:\n  - Read\n  - ${mark}`,
      `${key}:\n- ${before}\n- ${mark}${after}`,
      `${key}: |\n  ${before}\n\n  ${mark}${after}`,
      `${key}: >-\n  ${mark}${after}\n  more: text`,
      `${key}: Read, ${mark}, ${after}`,
      `${key}: {${mark}: {command: x}}`,
      `${key}:\n  ${mark}:\n    command: ${before}`,
      `${key}: first\n\tthen ${mark}`,
      `${key} : ${mark}`,
      `"${key}": ${mark}`,
    );
  return fc
    .tuple(text, text)
    .chain(([before, after]) => forms(before, after))
    .map((lines) => ({ lines, mark }));
}

/** Agent files with unquoted colons, tabs, control characters, emoji, repeated keys and lists in every form. */
export function uglyAgentFile(): fc.Arbitrary<UglyFile> {
  const entries = fc
    .array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 8 })
    .chain((keys) => fc.tuple(...keys.map((key, index) => entry(key, index))));
  return fc
    .record({
      entries,
      isNamed: fc.boolean(),
      body: text,
      start: fc.constantFrom("", "\ufeff", "\n\n", "\ufeff \t\n"),
      lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
      huge: fc.constantFrom(0, 0, 0, 3000),
    })
    .map(({ entries: parts, isNamed, body, start, lineEnd, huge }) => {
      const name = isNamed ? ["name: tester", "description: Tests."] : [];
      const lines = [
        "---",
        ...name,
        ...parts.map((part) => part.lines),
        "---",
        body,
        "bodymark",
        "x ".repeat(huge),
      ];
      return {
        text: start + lines.join("\n").replaceAll("\n", lineEnd),
        marks: [...parts.map((part) => part.mark), "bodymark"],
      };
    });
}
