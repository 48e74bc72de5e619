import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Output } from "../cli.ts";

/** Copies a child's output line by line, without a secret that may be in a logged address. */
export function passOnWithout(secret: string, from: Readable, to: Output): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  from.on("data", (piece: Buffer) => {
    const lines = `${rest}${decoder.write(piece)}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) to.write(`${line.replaceAll(secret, "…")}\n`);
  });
  from.on("end", () => {
    if (rest !== "") to.write(rest.replaceAll(secret, "…"));
  });
}
