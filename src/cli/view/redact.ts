import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { printable } from "../../format/text.ts";
import type { Output } from "../terminal.ts";

/**
 * Copies a child's output line by line, without its colours.
 *
 * @param shown - a line as it may be seen; undefined for one that nobody should see.
 */
export function passOn(from: Readable, to: Output, shown: (line: string) => string | undefined): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  from.on("data", (piece: Buffer) => {
    const lines = `${rest}${decoder.write(piece)}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const text = shown(line);
      if (text !== undefined) to.write(`${printable(text)}\n`);
    }
  });
  from.on("end", () => {
    const text = rest === "" ? undefined : shown(rest);
    if (text !== undefined) to.write(printable(text));
  });
}
