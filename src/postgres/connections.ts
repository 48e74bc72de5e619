import pg from "pg";
import { DatabaseClient } from "./client.ts";
import { connectionError } from "./connection-error.ts";
import { makeOurs } from "./session-settings.ts";
import { Silence } from "./silence.ts";
import { isFull } from "./trouble.ts";
import { typeParsers } from "./type-parsers.ts";

/** Where a database is, and how it is opened. */
export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database`. */
  readonly url: string;
  /** A plain lower-case name; made if it is missing. */
  readonly schema: string;
  /** Never shown in errors, in addition to the passwords in the URL. */
  readonly secrets?: readonly string[];
  readonly applicationName?: string;
  /** Connections at most; they are opened when they are needed. */
  readonly poolSize?: number;
  /** The folder of the migrations; default: ours. */
  readonly migrations?: URL;
  /** Receives a sentence about trouble of the server that lasts, and one when it is over. */
  readonly onNews?: (sentence: string) => void;
  /** Where the server is now, if it may move: a folder's own has another port after each start. */
  readonly findUrl?: () => Promise<string | undefined>;
}

export const CONNECT_WITHIN_MS = 10_000;
/** A peer that is gone without a word is noticed in about twice this time. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** How connections are made, to wherever the server is. @internal */
export interface Connections {
  readonly Client: new (config?: pg.ClientConfig) => DatabaseClient;
  /** Asks where the server is now: it may have moved. */
  findServer(): Promise<void>;
  makeOurs(client: DatabaseClient): Promise<void>;
  /** A connection that is ours. @throws the error for people. */
  connect(): Promise<DatabaseClient>;
  /** Ends all connections without a goodbye. */
  cutAll(): void;
}

/** @internal */
export function createConnections(options: DatabaseOptions): Connections {
  const { findUrl } = options;
  let { url } = options;
  const open = new Set<DatabaseClient>();
  const silence = new Silence((pids, withinMs) => askWhoWorks(connectRaw, pids, withinMs));
  class Client extends DatabaseClient {
    constructor(config: pg.ClientConfig = {}) {
      super({ ...config, ...clientSettings(options, url) }, silence);
      takeFromUrl(this, url);
      open.add(this);
      this.on("error", () => undefined); // The next statement says what is wrong.
      this.on("end", () => open.delete(this));
    }
  }
  const connectRaw = async (withinMs = CONNECT_WITHIN_MS) => {
    const client = new Client({ connectionTimeoutMillis: withinMs });
    await client.connect();
    return client;
  };
  const findServer = async () => {
    url = (await findUrl?.().catch(() => undefined)) ?? url;
  };
  const path = pg.escapeIdentifier(options.schema);
  return {
    Client,
    findServer,
    makeOurs: (client) => makeOurs(client, path, connectRaw),
    connect: async () => {
      try {
        const client = await connectRaw();
        await makeOurs(client, path, connectRaw).catch((error: unknown) => {
          client.cut();
          throw error;
        });
        return client;
      } catch (error) {
        await findServer();
        throw connectionError(error, { url, secrets: options.secrets });
      }
    },
    cutAll: () => {
      for (const client of open) client.cut();
    },
  };
}

function clientSettings({ applicationName }: DatabaseOptions, url: string): pg.ClientConfig {
  return {
    // pg would take both from the environment. What the URL says comes before them.
    ssl: false,
    sslnegotiation: "postgres",
    connectionString: url,
    application_name: applicationName ?? "decurion",
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: typeParsers,
  };
}

/**
 * pg adds PGOPTIONS and PGREPLICATION of the process's environment, which is the host's, to every connection. Here they
 * come from the URL alone.
 */
function takeFromUrl(client: pg.Client, url: string): void {
  const given = new URLSearchParams(URL.canParse(url) ? new URL(url).search : "");
  const parameters: unknown = Reflect.get(client, "connectionParameters");
  for (const name of ["options", "replication"]) {
    Object.assign(Object(parameters), { [name]: given.get(name) ?? undefined });
  }
}

async function askWhoWorks(
  connect: (withinMs: number) => Promise<DatabaseClient>,
  pids: readonly number[],
  withinMs: number,
): Promise<readonly number[]> {
  let client: DatabaseClient | undefined;
  const limit = setTimeout(() => client?.cut(), withinMs);
  try {
    client = await connect(withinMs);
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE pid = ANY($1) AND state IN ('active', 'disabled')`,
      [pids],
    );
    return rows.map(({ pid }) => pid);
  } catch (error) {
    if (isFull(error)) return pids; // It does answer.
    throw error;
  } finally {
    clearTimeout(limit);
    void client?.end().catch(() => undefined);
  }
}
