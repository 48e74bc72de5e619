import type { FileHandle } from "node:fs/promises";
import { z } from "zod";
import { clip } from "../../format/text.ts";
import { defineTool } from "../define-tool.ts";
import { WorkspaceError } from "../workspace.ts";

const LINES = 2000;
const LINE_CHARACTERS = 2000;
const CHARACTERS = 500_000;

export const readTool = defineTool({
  name: "Read",
  description: "Reads a text file of the workspace, with line numbers.",
  effect: "reads",
  input: z.object({
    file_path: z.string().min(1),
    offset: z.number().int().positive().optional().describe("First line, from 1."),
    limit: z.number().int().positive().optional().describe(`Lines, ${LINES} by default.`),
  }),
  run: async ({ file_path: path, offset = 1, limit = LINES }, { workspace }) => {
    const file = await workspace.openFile(path);
    try {
      return await readLines(file, path, offset, limit);
    } finally {
      await file.close();
    }
  },
});

async function readLines(file: FileHandle, path: string, offset: number, limit: number): Promise<string> {
  const shown: string[] = [];
  let characters = 0;
  let number = 0;
  for await (const line of linesOf(file, path)) {
    number += 1;
    if (number < offset) continue;
    if (shown.length >= limit || characters > CHARACTERS) {
      return `${shown.join("\n")}\n\n[More lines follow: offset ${number}]`;
    }
    const text = `${number}\t${line}`;
    characters += text.length;
    shown.push(text);
  }
  if (number === 0) return `"${path}" is empty.`;
  if (shown.length === 0) throw new WorkspaceError(`"${path}" has only ${number} lines.`);
  return shown.join("\n");
}

/** A file's lines, each cut to the length that is shown, so that a large file takes no more memory than a small one. */
async function* linesOf(file: FileHandle, path: string): AsyncGenerator<string> {
  let rest = "";
  let hasText = false;
  for await (const chunk of file.createReadStream({ encoding: "utf8", autoClose: false, start: 0 })) {
    const text = String(chunk);
    if (text.includes("\0")) throw new WorkspaceError(`"${path}" is not a text file.`);
    hasText = true;
    const [first = "", ...lines] = text.split("\n");
    rest = clip(rest + first, LINE_CHARACTERS + 1);
    for (const line of lines) {
      yield shortened(rest);
      rest = line;
    }
    rest = rest.slice(0, LINE_CHARACTERS + 1);
  }
  if (hasText && rest !== "") yield shortened(rest);
}

function shortened(line: string): string {
  return clip(line.endsWith("\r") ? line.slice(0, -1) : line, LINE_CHARACTERS);
}
