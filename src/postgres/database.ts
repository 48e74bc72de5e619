import { inspect } from "node:util";
import pg from "pg";
import { connectionError } from "./connection-error.ts";
import { migrate } from "./migrate.ts";
import { typeParsers } from "./type-parsers.ts";
import { throwOurs } from "./unreachable.ts";

/**
 * An open, migrated database. Every connection has our schema as its search_path. Internal members are not in the package's
 * types, so that users need no types of pg.
 */
export interface Database {
  /** For single statements and short transactions. @internal */
  readonly pool: pg.Pool;
  readonly schema: string;
  /** Opens a connection outside of the pool, for advisory locks. The caller ends it. @internal */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database`. */
  readonly url: string;
  /** A plain lower-case name; created if missing. */
  readonly schema: string;
  readonly applicationName?: string;
  /** Connections at most; default 12: ten lanes, and two for the graph's checkpoints. */
  readonly poolSize?: number;
  /** The folder of the migrations; default: ours. */
  readonly migrations?: URL;
}

const CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_POOL_SIZE = 12;

/**
 * Connects and migrates the schema. Any number of processes may do this in parallel.
 *
 * @throws UsageError, without the password, when the server is unusable.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { schema } = options;
  const settings = clientSettings(options);
  const pool = new pg.Pool({
    ...settings,
    Client: UrlClient,
    max: options.poolSize ?? DEFAULT_POOL_SIZE,
    // The pool awaits this for a new connection. Startup `options` would do the same, but poolers refuse them.
    onConnect: (client) => setSearchPath(client, schema),
  });
  // Without a listener a dropped idle connection ends the process. The next query reports the error.
  pool.on("error", () => undefined);
  markErrors(pool);
  try {
    await migrate(pool, schema, options.migrations);
  } catch (error) {
    await pool.end();
    throw connectionError(error, options);
  }
  return hidePassword({
    pool,
    schema,
    connect: async () => {
      const client = new UrlClient(settings);
      client.on("error", () => undefined);
      try {
        await client.connect();
        await setSearchPath(client, schema);
      } catch (error) {
        throw connectionError(error, options);
      }
      return client;
    },
    close: () => pool.end(),
  });
}

type Statement = (...given: readonly unknown[]) => unknown;

/** Marks errors of the pool and its clients as errors of our own database. */
function markErrors(pool: pg.Pool): void {
  const marked = (statement: Statement, owner: object): Statement => {
    return (...given) => {
      const result: unknown = Reflect.apply(statement, owner, given);
      return result instanceof Promise ? result.catch(throwOurs) : result;
    };
  };
  const mark = (owner: pg.Pool | pg.PoolClient, name: "query" | "connect") => {
    Object.defineProperty(owner, name, {
      value: marked(Reflect.get(owner, name), owner),
      configurable: true,
    });
  };
  mark(pool, "query");
  mark(pool, "connect");
  pool.on("connect", (client) => mark(client, "query"));
}

/**
 * pg adds PGOPTIONS and PGREPLICATION of the process's environment, which is the host's, to every connection. Here they
 * come from the URL alone.
 */
class UrlClient extends pg.Client {
  constructor(settings: pg.ClientConfig = {}) {
    super(settings);
    const url = settings.connectionString ?? "";
    const given = new URLSearchParams(URL.canParse(url) ? new URL(url).search : "");
    const parameters: unknown = Reflect.get(this, "connectionParameters");
    for (const name of ["options", "replication"]) {
      Object.assign(Object(parameters), { [name]: given.get(name) ?? undefined });
    }
  }
}

function clientSettings({ url, applicationName }: DatabaseOptions): pg.ClientConfig {
  return {
    // pg would take both from the environment. What the URL says comes before them.
    ssl: false,
    sslnegotiation: "postgres",
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: applicationName ?? "decurion",
    keepAlive: true,
    types: typeParsers,
  };
}

async function setSearchPath(client: pg.ClientBase, schema: string): Promise<void> {
  await client.query(`SET search_path TO ${pg.escapeIdentifier(schema)}`);
}

/** Hides the pool's connection string, which holds the password, from inspection. */
function hidePassword(database: Database): Database {
  const { pool, schema } = database;
  const shown = () => `Database(${schema})`;
  for (const object of [pool, database]) {
    Object.defineProperty(object, inspect.custom, { value: shown, enumerable: false });
    Object.defineProperty(object, "toJSON", { value: shown, enumerable: false });
  }
  return database;
}
