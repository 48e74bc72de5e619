import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { messageOf, UsageError } from "../../domain/errors.ts";
import type { WrittenServer } from "./server-config.ts";

// An agent's file and a cloned project's .mcp.json come from strangers, and each MCP server in them is a command, or an
// address that gets what the agent knows. A person approves each content once; a changed one is asked for again.

const approvalsSchema = z.object({
  version: z.literal(1),
  servers: z.record(
    z.string().regex(/^[0-9a-f]{64}$/),
    z.object({ name: z.string(), at: z.string(), by: z.string() }),
  ),
});
type Approvals = z.infer<typeof approvalsSchema>;

/** The servers that a person has approved. */
export interface ApprovedServers {
  has(server: WrittenServer): boolean;
}

/** Every server, for programs whose caller answers for them. */
export const ALL_APPROVED: ApprovedServers = { has: () => true };

/** Where approvals are kept, and the project that they are for. */
export interface ApprovalPlace {
  /** In the user's home and not in the project's, because a cloned project may bring any file. */
  readonly file: string;
  /** Servers run in its folder: the same command is another one elsewhere. */
  readonly project: string;
}

export function approvalPlace(user: string | undefined, project: string): ApprovalPlace {
  return { file: join(user ?? homedir(), ".decurion", "approved.json"), project };
}

/** The hash of everything that decides what a server is and what it gets, as its file writes it. */
function fingerprintOf(project: string, written: WrittenServer): string {
  const { kind, command, args, env, url, headers } = written;
  const sorted = (values: Readonly<Record<string, string>>) =>
    Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  const content = JSON.stringify([project, kind, command, args, sorted(env), url, sorted(headers)]);
  return createHash("sha256").update(content).digest("hex");
}

/** @throws UsageError when the file of approvals is not usable. */
export async function readApproved({ file, project }: ApprovalPlace): Promise<ApprovedServers> {
  const { servers } = await readApprovals(file);
  return { has: (server) => Object.hasOwn(servers, fingerprintOf(project, server)) };
}

/** Records a person's approvals, in a file that only this user can read. */
export async function approveServers(
  { file, project }: ApprovalPlace,
  approved: readonly { readonly name: string; readonly written: WrittenServer }[],
  by: string,
): Promise<void> {
  const { servers } = await readApprovals(file);
  const at = new Date().toISOString();
  const added = approved.map(
    ({ name, written }) => [fingerprintOf(project, written), { name, at, by }] as const,
  );
  const all: Approvals = { version: 1, servers: Object.fromEntries([...Object.entries(servers), ...added]) };
  await mkdir(dirname(file), { recursive: true });
  const draft = join(dirname(file), `approved.${randomUUID()}.part`);
  await writeFile(draft, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  await rename(draft, file);
}

async function readApprovals(file: string): Promise<Approvals> {
  try {
    return approvalsSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return { version: 1, servers: {} };
    const why = error instanceof z.ZodError ? "it has another format" : messageOf(error);
    throw new UsageError(
      `The approvals of MCP servers in ${file} cannot be read (${why}). Remove the file and approve again.`,
      { cause: error },
    );
  }
}
