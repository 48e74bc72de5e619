import { createHash } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { AgentRequest } from "../../attempts/agent-request.ts";

/** Where one attempt keeps what it said and did, so that it can go on after a crash. */
export interface CodeSession {
  readonly id: string;
  /** CLAUDE_CONFIG_DIR: settings, sessions and whatever else Claude Code keeps. */
  readonly configFolder: string;
  /** Whether there is something to go on with. */
  readonly isKnown: boolean;
}

/** Where a thread's sessions are. @param home - Decurion's own folder. */
export function sessionsFolder(home: string, threadId: string): string {
  return join(home, "claude-code", threadId);
}

/**
 * The session of an attempt: its id follows from the attempt, so whoever takes the attempt up again finds it without
 * having been told. On another machine, or when the folder was lost, the attempt begins anew: its calls are then replayed
 * from the journal and only its tools run again.
 */
export async function openSession(
  home: string,
  { threadId, executionId, taskId }: Pick<AgentRequest, "threadId" | "executionId" | "taskId">,
  attempt: number,
): Promise<CodeSession> {
  const configFolder = sessionsFolder(home, threadId);
  await mkdir(join(configFolder, "projects"), { recursive: true });
  const id = uuidFrom(`${threadId}/${executionId}/${taskId}/${attempt}`);
  const projects = await readdir(join(configFolder, "projects"), { recursive: true });
  return { id, configFolder, isKnown: projects.some((file) => file.endsWith(`${id}.jsonl`)) };
}

/** A UUID of version 8 (RFC 9562), the same for the same name. */
function uuidFrom(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex").slice(0, 32).split("");
  hex[12] = "8";
  hex[16] = "89ab"[Number.parseInt(hex[16] ?? "0", 16) % 4] ?? "8";
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
