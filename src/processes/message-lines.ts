import type { Duplex } from "node:stream";

/** Bytes of one message at most. A sender of more wants us to run out of memory. */
const LONGEST_MESSAGE = 16 * 1024 * 1024;

/**
 * Reads JSON messages, one a line, from an untrusted process.
 *
 * @param onTrouble - called with half a sentence that says what is wrong. Reading stops then.
 */
export function readMessages(
  channel: Duplex,
  onMessage: (message: unknown) => void,
  onTrouble: (why: string) => void,
): void {
  let pieces: Buffer[] = [];
  let length = 0;
  const stop = (why: string) => {
    channel.off("data", read);
    pieces = [];
    onTrouble(why);
  };
  const finish = (last: Buffer): boolean => {
    const line = Buffer.concat([...pieces, last]).toString("utf8");
    pieces = [];
    length = 0;
    const message = parse(line);
    if (message === undefined) stop("sent something that is not a message");
    else onMessage(message);
    return message !== undefined;
  };
  const read = (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      if (!finish(rest.subarray(0, end))) return;
      rest = rest.subarray(end + 1);
    }
    pieces.push(rest);
    length += rest.length;
    if (length > LONGEST_MESSAGE) stop(`sent a message of more than ${LONGEST_MESSAGE / 1024 / 1024} MB`);
  };
  channel.on("data", read);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
