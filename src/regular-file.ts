import { constants, statSync } from "node:fs";
import { open } from "node:fs/promises";

const { O_RDONLY, O_NONBLOCK } = constants;
const MB = 1_000_000;

/** Bounds of files that people and programs give us, each far above the longest real one. */
export const MOST_BYTES = { agent: MB, settings: 4 * MB, input: 64 * MB };

/**
 * Reads a text file. Waits for no writer of a pipe, and reads no device.
 *
 * @param mostBytes - also for a file that grows meanwhile.
 * @throws Error with the reason, to follow "it cannot be read:"; that of the system has its code.
 */
export async function readRegularFile(file: string, mostBytes: number): Promise<string> {
  const opened = await open(file, O_RDONLY | O_NONBLOCK);
  try {
    if (!(await opened.stat()).isFile()) throw new Error("it is not a regular file");
    const pieces: Buffer[] = [];
    let size = 0;
    for (;;) {
      const { bytesRead, buffer } = await opened.read({ buffer: Buffer.alloc(64 * 1024) });
      if (bytesRead === 0) break;
      pieces.push(buffer.subarray(0, bytesRead));
      size += bytesRead;
      if (size > mostBytes) throw new Error(`it is longer than ${Math.round(mostBytes / MB)} MB`);
    }
    return Buffer.concat(pieces).toString("utf8");
  } finally {
    await opened.close();
  }
}

/** Why a file cannot be handed to a reader that waits for pipes; undefined when it can, or is not there. */
export function whyNotRegular(file: string, mostBytes: number): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (!found.isFile()) return "it is not a regular file";
  return found.size > mostBytes ? `it is longer than ${Math.round(mostBytes / MB)} MB` : undefined;
}
