import { Worker } from "node:worker_threads";
import { messageOf } from "../domain/errors.ts";
import { WorkspaceError } from "./workspace.ts";

export interface SearchOptions {
  readonly pattern: string;
  readonly ignoresCase: boolean;
  /** Whether a match may span several lines; `.` then matches line ends too. */
  readonly isMultiline: boolean;
  readonly signal: AbortSignal;
  /** Time for all texts together. */
  readonly timeoutMs: number;
}

/** A search for lines, in a separate thread. */
export interface LineSearch {
  /** Numbers, from 0, of the lines that match; at most 10,000. @throws WorkspaceError when it takes too long. */
  linesIn(text: string): Promise<number[]>;
  close(): Promise<void>;
}

const MEMORY_MB = 256;

/** @throws WorkspaceError when the pattern is not a JavaScript regular expression. */
export function startLineSearch(options: SearchOptions): LineSearch {
  const { isMultiline, signal, timeoutMs } = options;
  const { pattern, flags } = expressionOf(options);
  const worker = new Worker(new URL("./grep-worker.mjs", import.meta.url), {
    workerData: { pattern, flags, isMultiline },
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  const tooLong = `The search took longer than ${timeoutMs / 1000} s: use a simpler pattern, or fewer files.`;
  let ended: Error | undefined;
  let settle: { resolve(lines: number[]): void; reject(error: Error): void } | undefined;
  const end = (error: Error) => {
    ended ??= error;
    settle?.reject(ended);
    void worker.terminate();
  };
  const timer = setTimeout(() => end(new WorkspaceError(tooLong)), timeoutMs);
  const onAbort = () => end(new Error("The search was stopped."));
  signal.addEventListener("abort", onAbort, { once: true });
  worker.on("error", (error) => end(new WorkspaceError(`The search failed: ${messageOf(error)}.`)));
  worker.on("message", (lines: number[]) => settle?.resolve(lines));
  return {
    linesIn: (text) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        if (ended) reject(ended);
        else worker.postMessage(text);
      }),
    close: async () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      await worker.terminate();
    },
  };
}

/** Understands a leading `(?i)`, as other engines do. */
function expressionOf({ pattern, ignoresCase, isMultiline }: SearchOptions) {
  const bare = pattern.replace(/^\(\?i\)/, "");
  const flags = `${isMultiline ? "gms" : ""}${ignoresCase || bare !== pattern ? "i" : ""}`;
  try {
    new RegExp(bare, flags);
  } catch (error) {
    throw new WorkspaceError(`The pattern is not a regular expression: ${messageOf(error)}.`);
  }
  return { pattern: bare, flags };
}
