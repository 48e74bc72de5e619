import { z } from "zod";
import { ToolError } from "../../domain/errors.ts";
import { type Hide, hiddenError, hiding, keysAmong, passwordsIn } from "../../domain/secrets.ts";
import { within } from "../../domain/within.ts";
import { clip, printable } from "../../format/text.ts";
import type { ToolOutput } from "../tool.ts";
import type { Connection, ServerScope } from "./connect.ts";
import { describeContent, resultSchema } from "./content.ts";
import type { McpServer } from "./server-config.ts";

/** A tool as its server describes it. Untrusted. */
export const serverToolSchema = z.looseObject({
  name: z.string(),
  description: z.string().nullish(),
  inputSchema: z.looseObject({}),
  annotations: z.looseObject({ readOnlyHint: z.boolean().nullish() }).nullish(),
});
export type ServerTool = z.infer<typeof serverToolSchema>;

const pageSchema = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().nullish() });

const MAX_PAGES = 100;
const MAX_TOOLS = 1000;
const REASON_CHARACTERS = 500;
/** How often one attempt restarts a server that crashed. */
const RESTARTS = 1;
const NO_LIMIT_MS = 2 ** 31 - 1;

/** One server of one attempt. */
export class RunningServer {
  readonly server: McpServer;
  readonly #scope: ServerScope;
  /** Hides every value of the configuration in errors, and in results those that no text has by chance. */
  readonly #hide: Hide;
  readonly #hideKeys: Hide;
  #connection: Promise<Connection> | undefined;
  #isOpen = false;
  #starts = 0;
  #lastEnd = "";

  constructor(server: McpServer, scope: ServerScope) {
    this.server = server;
    this.#scope = scope;
    const secrets = secretsOf(server);
    this.#hide = hiding(secrets);
    this.#hideKeys = hiding(keysAmong(secrets).filter((value) => !ADDRESS.test(value)));
  }

  /**
   * All tools of the server, over all pages.
   *
   * @throws ToolError that says in one sentence why the server is not available; the signal's reason; MemoryExceededError.
   */
  async tools(): Promise<ServerTool[]> {
    try {
      return await this.#list(await this.#open());
    } catch (error) {
      this.#throwIfOver();
      throw new ToolError(await this.#sentence(error), { cause: hiddenError(error, this.#hide) });
    }
  }

  /**
   * Calls a tool. A failure of the server is an output with `isError`.
   *
   * @throws the signal's reason when it aborts; MemoryExceededError.
   */
  async call(tool: string, input: unknown, signal: AbortSignal): Promise<ToolOutput> {
    const given = z.looseObject({}).safeParse(input);
    if (!given.success) return { content: "The input must be an object.", isError: true };
    try {
      const { client } = await this.#open();
      const request = { method: "tools/call", params: { name: tool, arguments: given.data } };
      const result = await within(this.#scope.callMs, signal, (own) =>
        client.request(request, resultSchema, { signal: own, timeout: NO_LIMIT_MS }),
      );
      return { content: this.#hideKeys(describeContent(result)), isError: result.isError === true };
    } catch (error) {
      signal.throwIfAborted();
      this.#throwIfOver();
      if (isForgotten(error)) await this.close();
      return { content: await this.#sentence(error), isError: true };
    }
  }

  /** Ends it and everything that it started. */
  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined); // It was never open.
    this.#isOpen = false;
    await connection?.close();
  }

  /** The connection. Opens a new one, once, when the server crashed. */
  #open(): Promise<Connection> {
    if (this.#connection && (this.#isOpen || this.#starts > RESTARTS)) return this.#connection;
    this.#starts++;
    this.#isOpen = true;
    this.#connection = this.#connect();
    return this.#connection;
  }

  async #connect(): Promise<Connection> {
    // Loaded with the first server, because it takes as long as the rest of a start.
    const { connect } = await import("./connect.ts");
    try {
      const connection = await connect(this.server, this.#scope);
      void connection.closed.then(() => {
        this.#isOpen = false;
        this.#lastEnd = connection.end();
      });
      return connection;
    } catch (error) {
      this.#isOpen = false;
      throw error;
    }
  }

  async #list({ client }: Connection): Promise<ServerTool[]> {
    const found: ServerTool[] = [];
    let cursor: string | undefined;
    for (let page = 1; page <= MAX_PAGES && found.length < MAX_TOOLS; page++) {
      const request = { method: "tools/list", ...(cursor !== undefined && { params: { cursor } }) };
      const { tools, nextCursor } = await within(this.#scope.connectMs, this.#scope.signal, (own) =>
        client.request(request, pageSchema, { signal: own, timeout: NO_LIMIT_MS }),
      );
      found.push(...tools.flatMap((tool) => serverToolSchema.safeParse(tool).data ?? []));
      if (!nextCursor || nextCursor === cursor) break;
      cursor = nextCursor;
    }
    return found.slice(0, MAX_TOOLS);
  }

  #throwIfOver(): void {
    this.#scope.signal.throwIfAborted();
    this.#scope.memory.exceeded.throwIfAborted();
  }

  /** The failure, with the server's name and file and without any value of its configuration. */
  async #sentence(error: unknown): Promise<string> {
    const { reasonOf } = await import("./connect.ts");
    const { name, file } = this.server;
    const wasConnected = error instanceof Error && error.name === "ConnectError";
    const reason = wasConnected ? error.message : (!this.#isOpen && this.#lastEnd) || reasonOf(error);
    const shown = clip(printable(this.#hide(reason)).replace(/[.\s]+$/, ""), REASON_CHARACTERS);
    return `MCP server "${clip(printable(name), 100)}" in ${file} ${shown}.`;
  }
}

/** A path or an address in a configuration: results name it, and it is no secret. */
const ADDRESS = /^(?:[~.]?\/|[a-z][\w+.-]*:\/\/)/i;

/** The values of a configuration, and the words in them: a header is `Bearer` and a key. */
function secretsOf(server: McpServer): string[] {
  const values =
    server.kind === "stdio"
      ? [...Object.values(server.environment), ...server.parameters.flatMap(passwordsIn)]
      : [...Object.values(server.headers), ...passwordsIn(server.url)];
  return [...(server.secrets ?? []), ...values].flatMap((value) => [
    ...[value, ...value.split(" ")].filter((word) => word.length >= SHORTEST_SECRET),
    ...passwordsIn(value),
  ]);
}

/** A shorter value of a configuration is a setting: a number, a word. */
const SHORTEST_SECRET = 6;

/** An HTTP server forgets our session when it restarts. */
function isForgotten(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === 404;
}
