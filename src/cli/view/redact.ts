import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { printable } from "../../format/text.ts";
import type { Output } from "../terminal.ts";

/** Copies a child's output line by line, without colours and without a secret that may be in a logged address. */
export function passOnWithout(secret: string, from: Readable, to: Output): void {
  const clean = (text: string) => printable(text).replaceAll(secret, "…");
  const decoder = new StringDecoder("utf8");
  let rest = "";
  from.on("data", (piece: Buffer) => {
    const lines = `${rest}${decoder.write(piece)}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) to.write(`${clean(line)}\n`);
  });
  from.on("end", () => {
    if (rest !== "") to.write(clean(rest));
  });
}
