import { z } from "zod";
import { clip, printable } from "../../format/text.ts";
import { expandVariables, type Variables } from "./expand-variables.ts";

/** An MCP server as a file configures it, its variables expanded. Holds secrets: never log or store it. */
export type McpServer = (ProcessServer | HttpServer) & {
  /** The values of all variables in it, also those in arguments and addresses. */
  readonly secrets?: readonly string[];
  /** The server as its file writes it: what a person approves. */
  readonly written: WrittenServer;
};

/** A server with its variables as `${NAME}`. What its kind has no use for is empty. */
export interface WrittenServer {
  readonly kind: "stdio" | "http" | "sse";
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Named {
  readonly name: string;
  /** The file that configures it. */
  readonly file: string;
}

/** A process that talks over its standard input and output. */
export interface ProcessServer extends Named {
  readonly kind: "stdio";
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface HttpServer extends Named {
  /** `http`: streamable HTTP, or SSE for an older server; `sse`: only SSE. */
  readonly kind: "http" | "sse";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A server that is not usable. The problem is one sentence with its name and file, without any value. */
export interface BrokenServer extends Named {
  readonly kind: "broken";
  readonly problem: string;
}

const scalars = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const processSchema = z.looseObject({
  command: z.string().trim().min(1),
  args: z.array(scalars).default([]),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), scalars).default({}),
});
const httpSchema = z.looseObject({
  url: z.string().trim().min(1),
  headers: z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/), scalars).default({}),
});

const KINDS: Readonly<Record<string, McpServer["kind"]>> = {
  stdio: "stdio",
  http: "http",
  "streamable-http": "http",
  sse: "sse",
};

/**
 * Reads a server in Claude Code's format: `{ command, args?, env? }` or `{ type: "http" | "sse", url, headers? }`. Any
 * value may contain `${NAME}` and `${NAME:-default}`.
 */
export function parseServer(
  name: string,
  value: unknown,
  file: string,
  variables: Variables,
): McpServer | BrokenServer {
  const broken = (reason: string): BrokenServer => {
    const shown = clip(printable(name), 100);
    return { kind: "broken", name, file, problem: `MCP server "${shown}" in ${file} ${reason}.` };
  };
  if (name.trim() === "") return broken("has no name");
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return broken('is not an object: give {"command": …} or {"type": "http", "url": …}');
  }
  const kind = kindOf({ ...value });
  if (kind === undefined) return broken('has an unknown "type": use stdio, http or sse');
  const expanded = expandVariables(value, variables);
  if ("problem" in expanded) return broken(expanded.problem);
  const parsed = (kind === "stdio" ? processSchema : httpSchema).safeParse(expanded.value);
  if (!parsed.success) return broken(`has an invalid ${wrongKeys(parsed.error)}`);
  const server =
    kind === "stdio"
      ? processFrom(name, file, processSchema.parse(expanded.value))
      : httpFrom(name, file, kind, httpSchema.parse(expanded.value));
  const { used } = expanded;
  return server
    ? { ...server, written: asWritten(kind, value), ...(used.length > 0 && { secrets: used }) }
    : broken('has a "url" that is no http address');
}

function asWritten(kind: WrittenServer["kind"], value: object): WrittenServer {
  const { command = "", args = [], env = {} } = processSchema.partial().parse(kind === "stdio" ? value : {});
  const { url = "", headers = {} } = httpSchema.partial().parse(kind === "stdio" ? {} : value);
  return { kind, command, args, env, url, headers };
}

function kindOf({ type, url, command }: { type?: unknown; url?: unknown; command?: unknown }) {
  if (type === undefined || type === null)
    return url !== undefined && command === undefined ? "http" : "stdio";
  return typeof type === "string" && Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
}

/** Only the keys, because a value may be a secret. */
function wrongKeys(error: z.ZodError): string {
  return [...new Set(error.issues.map((issue) => `"${String(issue.path[0] ?? "value")}"`))].join(" and ");
}

function processFrom(name: string, file: string, { command, args, env }: z.infer<typeof processSchema>) {
  return { kind: "stdio", name, file, command, parameters: args, environment: env } as const;
}

function httpFrom(
  name: string,
  file: string,
  kind: "http" | "sse",
  { url, headers }: z.infer<typeof httpSchema>,
): HttpServer | undefined {
  const isHttp = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  return isHttp ? { kind, name, file, url, headers } : undefined;
}
