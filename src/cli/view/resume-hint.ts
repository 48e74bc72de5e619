import { commandLine } from "../../app.ts";
import type { ThreadStatus } from "../../domain/task.ts";

/** Tells a person how to continue a stopped thread. */
export function resumeHint(thread: string): string {
  return `Resume it with:\n  ${resumeCommand(thread)}`;
}

/** Adds the command that continues a stopped thread to its JSON document. */
export function withResume<T extends { readonly status: ThreadStatus }>(document: T, thread: string) {
  return { ...document, ...(document.status === "stopped" && { resume: resumeCommand(thread) }) };
}

function resumeCommand(thread: string): string {
  return commandLine(`resume ${thread}`);
}
