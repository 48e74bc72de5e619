import { createHash } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { AgentRequest } from "../../attempts/agent-request.ts";
import { makePrivateFolder } from "../../private-folder.ts";

/** The place of one attempt's session, so that the attempt can continue after a crash. */
export interface CodeSession {
  readonly id: string;
  /** CLAUDE_CONFIG_DIR: the settings, sessions and other files of Claude Code. */
  readonly configFolder: string;
  /** Whether there is a session to continue. */
  readonly isKnown: boolean;
}

/** The folder of a thread's sessions. @param home - Decurion's own folder. */
export function sessionsFolder(home: string, threadId: string): string {
  return join(home, "claude-code", threadId);
}

/**
 * The session of an attempt. Its id is derived from the attempt, so any process can find it and continue. On another
 * machine, or without the folder, the attempt starts again: its calls are replayed from the journal, and only its
 * tools run again.
 */
export async function openSession(
  home: string,
  { threadId, executionId, taskId }: Pick<AgentRequest, "threadId" | "executionId" | "taskId">,
  attempt: number,
): Promise<CodeSession> {
  const configFolder = sessionsFolder(home, threadId);
  await makePrivateFolder(configFolder);
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
