import { z } from "zod";
import { agentEnvironment, OWN_SECRETS } from "./agent-environment.ts";
import { UsageError } from "./errors.ts";
import { DEFAULT_ALIASES, type ModelAliases, parseModelMap, withModelMap } from "./model.ts";
import { secretsAmong } from "./secrets.ts";

/** The most agents of one thread in parallel, over all machines. */
export const MAX_PARALLEL = 10;

const text = z.string().trim().min(1);
const count = z.coerce.number().int();
const url = (protocols: RegExp, example: string) =>
  text.refine((value) => URL.canParse(value) && protocols.test(new URL(value).protocol), {
    message: `must be a URL like ${example}`,
  });

const isOrigin = (value: string) =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && new URL(value).origin === value;

/** Whether an address is nothing else than one: no secret stands in it. */
const isPlainAddress = (value: string) => {
  if (!URL.canParse(value)) return true; // That is another problem.
  const { username, password, search, hash } = new URL(value);
  return `${username}${password}${search}${hash}` === "";
};

/** Whether processes of agents run in a sandbox: where the machine has one, always, or never. */
export const SANDBOX_POLICIES = ["auto", "required", "off"] as const;

/** Every environment variable of Decurion, with its default. `.env.example` lists the same. */
export const environmentSchema = z.object({
  ANTHROPIC_API_KEY: text
    .regex(/^[\x21-\x7e]+$/, "must be one line of plain characters without spaces: copy the key again")
    .optional(),
  ANTHROPIC_BASE_URL: url(/^https?:$/, "https://api.anthropic.com")
    .refine(isPlainAddress, "must have no user, password or query: put the key into ANTHROPIC_API_KEY")
    .optional(),
  DATABASE_URL: url(/^postgres(ql)?:$/, "postgresql://user:password@host:5432/database").optional(),
  DATABASE_SCHEMA: text
    .regex(/^[a-z_][a-z0-9_]{0,50}$/, "must be a plain lower-case Postgres name")
    .default("decurion"),
  MODEL: text.default("sonnet"),
  MODEL_HAIKU: text.default(DEFAULT_ALIASES.haiku),
  MODEL_SONNET: text.default(DEFAULT_ALIASES.sonnet),
  MODEL_OPUS: text.default(DEFAULT_ALIASES.opus),
  MODEL_FABLE: text.default(DEFAULT_ALIASES.fable),
  MODEL_MAP: text
    .transform((value, context) => {
      const map = parseModelMap(value);
      if ("problem" in map) context.addIssue({ code: "custom", message: map.problem });
      return "problem" in map ? {} : map.names;
    })
    .optional(),
  MAX_TOKENS: count.min(256).optional(),
  PARALLEL: count.min(1).max(MAX_PARALLEL).default(8),
  BUDGET_USD: z.coerce.number().positive().default(0.3),
  TASK_BUDGET_USD: z.coerce.number().positive().optional(),
  DAY_BUDGET_USD: z.coerce.number().positive().optional(),
  LADDER: text.default("opus"),
  AGENT_MEMORY_MB: count.min(64).default(800),
  PROFILE_DELAY_SECONDS: z.coerce.number().positive().default(300),
  WEB_USES: count.min(1).max(20).default(2),
  AGENT_VARIABLES: text.optional(),
  SANDBOX: z.enum(SANDBOX_POLICIES).default("auto"),
  SANDBOX_READS: text.optional(),
  MCP_VARIABLES: text.optional(),
  MCP_CONNECT_SECONDS: z.coerce.number().positive().default(30),
  TOOL_CALL_SECONDS: z.coerce.number().positive().default(120),
  STREAM_IDLE_SECONDS: z.coerce.number().positive().default(60),
  OUTAGE_MINUTES: z.coerce.number().positive().default(10),
  PRICES_FILE: text.optional(),
  DECURION_HOME: text.default(".decurion"),
  CLAUDE_AGENT_SDK: text.optional(),
  CLAUDE_CODE_SETTINGS: text
    .regex(/^(user|project|local)(\s*,\s*(user|project|local))*$/, "must be a list of user, project, local")
    .optional(),
  ALLOW_COMMANDS: z.stringbool().default(false),
  TRUST_SERVERS: z.stringbool().default(false),
  SERVER_HOST: text.regex(/^[\w.:-]+$/, "must be a name or an address").default("127.0.0.1"),
  ALLOWED_ORIGINS: text
    .transform((value) => value.split(/[\s,]+/).filter((origin) => origin !== ""))
    .refine((origins) => origins.every(isOrigin), "must be a list of origins like https://agents.example")
    .optional(),
  DECURION_AGENT: text.optional(),
});

/** The parsed settings of one process. Holds the API key: never log or store it. */
export interface Config {
  readonly apiKey: string | undefined;
  readonly baseUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly databaseSchema: string;
  /** Folder for the embedded Postgres and other files of this checkout. */
  readonly home: string;
  readonly model: string;
  /** Model aliases, including those of MODEL_MAP. */
  readonly aliases: ModelAliases;
  /** The most output tokens of one call, including thinking; undefined for as many as model and budget allow. */
  readonly maxTokens: number | undefined;
  readonly parallel: number;
  readonly budgetUsd: number;
  /** Ceilings of one task, and of all threads in one day (UTC); undefined for no ceiling. */
  readonly taskBudgetUsd: number | undefined;
  readonly dayBudgetUsd: number | undefined;
  /** The models to which a failed task escalates, in order. */
  readonly ladder: readonly string[];
  /** Memory limit for the tools, servers and processes of one agent together. */
  readonly agentMemoryMb: number;
  /** Time between two agent starts under the conservative profile. */
  readonly profileDelayMs: number;
  /** The most web searches, and the most page fetches, of one call. All of them are reserved from the budget. */
  readonly webUses: number;
  /** All variables of agents' processes. */
  readonly agentEnvironment: Readonly<Record<string, string>>;
  readonly sandbox: (typeof SANDBOX_POLICIES)[number];
  /** More files and folders that processes in the sandbox may read. */
  readonly sandboxReads: readonly string[];
  /** The environment variables for configurations of MCP servers, with their values. Holds secrets. */
  readonly mcpVariables: Readonly<Record<string, string | undefined>>;
  /** Secrets besides the key and the database's password, for `secretsOf`. */
  readonly secrets: readonly string[];
  /** Timeout for the start of an MCP server. */
  readonly mcpConnectMs: number;
  /** Timeout for a call of an MCP tool or of the project's own tool. */
  readonly toolCallMs: number;
  readonly streamIdleMs: number;
  /** How long a server that does not answer is waited for, before a human is asked. */
  readonly outageMs: number;
  readonly pricesFile: string | undefined;
  /** The folder where Claude Code's package is installed; default: the project. */
  readonly agentSdk: string | undefined;
  /** The settings that Claude Code reads: `user`, `project`, `local`; none by default. */
  readonly claudeCodeSettings: readonly string[];
  /** Whether a plan may use commands as validators, and a client of the server options that reach code. They run with the rights of this process. */
  readonly allowCommands: boolean;
  /** Whether all MCP servers of agent files and of `.mcp.json` may start, without a person's approval of each. */
  readonly trustServers: boolean;
  /** The address of the `studio` server, and the only host name it accepts besides the loopback names. */
  readonly serverHost: string;
  /** The origins, besides LangGraph Studio's, of pages that may call that server with its token. */
  readonly allowedOrigins: readonly string[];
  /** `thread/task` when an agent started this process, which then may start no agent. */
  readonly insideAgent: string | undefined;
}

/**
 * Parses environment variables. An empty variable counts as not set.
 *
 * @throws UsageError that names every wrong variable, without its value.
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  refuseOld(environment);
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new UsageError(`The environment is not right: ${wrong.join("; ")}.`);
  }
  const env = parsed.data;
  if (env.ANTHROPIC_BASE_URL && !env.ANTHROPIC_API_KEY) {
    throw new UsageError(
      "ANTHROPIC_BASE_URL is set but ANTHROPIC_API_KEY is not: set the key for that server (any text if it checks no key).",
    );
  }
  const aliases = {
    haiku: env.MODEL_HAIKU,
    sonnet: env.MODEL_SONNET,
    opus: env.MODEL_OPUS,
    fable: env.MODEL_FABLE,
  };
  const forServers = mcpVariables(env.MCP_VARIABLES, environment);
  return {
    apiKey: env.ANTHROPIC_API_KEY,
    baseUrl: env.ANTHROPIC_BASE_URL,
    databaseUrl: env.DATABASE_URL,
    databaseSchema: env.DATABASE_SCHEMA,
    home: env.DECURION_HOME,
    model: env.MODEL,
    aliases: withModelMap(aliases, env.MODEL_MAP ?? {}),
    maxTokens: env.MAX_TOKENS,
    parallel: env.PARALLEL,
    budgetUsd: env.BUDGET_USD,
    taskBudgetUsd: env.TASK_BUDGET_USD,
    dayBudgetUsd: env.DAY_BUDGET_USD,
    ladder: env.LADDER.split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
    agentMemoryMb: env.AGENT_MEMORY_MB,
    profileDelayMs: env.PROFILE_DELAY_SECONDS * 1000,
    webUses: env.WEB_USES,
    agentEnvironment: agentEnvironment(environment, namesIn("AGENT_VARIABLES", env.AGENT_VARIABLES)),
    sandbox: env.SANDBOX,
    sandboxReads: (env.SANDBOX_READS ?? "").split(":").filter((path) => path.trim() !== ""),
    mcpVariables: forServers,
    secrets: secretsAmong(environment, forServers),
    mcpConnectMs: env.MCP_CONNECT_SECONDS * 1000,
    toolCallMs: env.TOOL_CALL_SECONDS * 1000,
    streamIdleMs: env.STREAM_IDLE_SECONDS * 1000,
    outageMs: env.OUTAGE_MINUTES * 60_000,
    pricesFile: env.PRICES_FILE,
    agentSdk: env.CLAUDE_AGENT_SDK,
    claudeCodeSettings: env.CLAUDE_CODE_SETTINGS?.split(/\s*,\s*/) ?? [],
    allowCommands: env.ALLOW_COMMANDS,
    trustServers: env.TRUST_SERVERS,
    serverHost: env.SERVER_HOST,
    allowedOrigins: env.ALLOWED_ORIGINS ?? [],
    insideAgent: env.DECURION_AGENT,
  };
}

/** A setting that opened the server must not look as if it still did. */
function refuseOld({ STUDIO_WITHOUT_TOKEN: value }: Readonly<Record<string, string | undefined>>): void {
  if (!value?.trim() || /^(false|0|no|off)$/i.test(value.trim())) return;
  throw new UsageError(
    "STUDIO_WITHOUT_TOKEN is gone: remove it. The command studio prints a link that opens LangGraph Studio with the token.",
  );
}

/** @throws UsageError when one of the names is a secret of Decurion. */
function namesIn(setting: string, list = ""): string[] {
  const names = list.split(/[\s,]+/).filter((name) => name !== "");
  const secret = names.find((name) => OWN_SECRETS.has(name));
  if (secret) throw new UsageError(`${setting} names ${secret}, which no agent may see: remove it.`);
  return names;
}

function mcpVariables(
  list: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Config["mcpVariables"] {
  return Object.fromEntries(namesIn("MCP_VARIABLES", list).map((name) => [name, environment[name]]));
}
