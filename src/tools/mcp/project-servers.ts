import { join } from "node:path";
import { messageOf } from "../../domain/errors.ts";
import { MOST_BYTES, readRegularFile } from "../../regular-file.ts";
import type { Variables } from "./expand-variables.ts";
import { type BrokenServer, type McpServer, parseServer } from "./server-config.ts";

/** The servers that agents may use by name. */
export interface ProjectServers {
  readonly file: string;
  readonly servers: ReadonlyMap<string, McpServer | BrokenServer>;
  /** Why none of the file's servers is usable: a sentence that names the file. */
  readonly problem?: string;
}

/** Reads a project's `.mcp.json`. An invalid file is a problem only for agents that use its servers. */
export async function loadProjectServers(projectDir: string, variables: Variables): Promise<ProjectServers> {
  const file = join(projectDir, ".mcp.json");
  const none = { file, servers: new Map() };
  try {
    const value: unknown = JSON.parse(await readRegularFile(file, MOST_BYTES.settings));
    const servers = isRecord(value) ? value["mcpServers"] : undefined;
    if (!isRecord(servers)) return { ...none, problem: `${file} has no object "mcpServers".` };
    const parsed = Object.entries(servers).map(
      ([name, server]) => [name, parseServer(name, server, file, variables)] as const,
    );
    return { file, servers: new Map(parsed) };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return none;
    const reason = error instanceof SyntaxError ? "is not valid JSON" : `cannot be read: ${messageOf(error)}`;
    return { ...none, problem: `${file} ${reason}.` };
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
