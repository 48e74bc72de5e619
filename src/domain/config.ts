import { z } from "zod";
import { UsageError } from "./errors.ts";
import { DEFAULT_ALIASES, type ModelAliases, parseModelMap, withModelMap } from "./model.ts";

/** The most agents of one thread that ever run at once, on all machines together. */
export const MAX_PARALLEL = 10;

const text = z.string().trim().min(1);
const count = z.coerce.number().int();
const url = (protocols: RegExp, example: string) =>
  text.refine((value) => URL.canParse(value) && protocols.test(new URL(value).protocol), {
    message: `must be a URL like ${example}`,
  });

/** Every environment variable Decurion reads, with its default. `.env.example` lists the same. */
export const environmentSchema = z.object({
  ANTHROPIC_API_KEY: text.optional(),
  ANTHROPIC_BASE_URL: url(/^https?:$/, "https://api.anthropic.com").optional(),
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
  MAX_TOKENS: count.min(256).max(128_000).default(4096),
  PARALLEL: count.min(1).max(MAX_PARALLEL).default(8),
  BUDGET_USD: z.coerce.number().positive().default(0.3),
  TASK_BUDGET_USD: z.coerce.number().positive().optional(),
  DAY_BUDGET_USD: z.coerce.number().positive().optional(),
  LADDER: text.default("opus"),
  AGENT_MEMORY_MB: count.min(64).default(800),
  PROFILE_DELAY_SECONDS: z.coerce.number().positive().default(300),
  WEB_USES: count.min(1).max(20).default(2),
  MCP_VARIABLES: text.optional(),
  MCP_CONNECT_SECONDS: z.coerce.number().positive().default(30),
  TOOL_CALL_SECONDS: z.coerce.number().positive().default(120),
  STREAM_IDLE_SECONDS: z.coerce.number().positive().default(60),
  OUTAGE_MINUTES: z.coerce.number().positive().default(10),
  PRICES_FILE: text.optional(),
  DECURION_HOME: text.default(".decurion"),
  CLAUDE_AGENT_SDK: text.optional(),
  CLAUDE_CODE_SETTINGS: text
    .regex(/^(user|project|local)(\s*,\s*(user|project|local))*$/, "must be of user, project, local")
    .optional(),
  ALLOW_COMMANDS: z.stringbool().default(false),
  SERVER_HOST: text.regex(/^[\w.:-]+$/, "must be a name or an address").default("127.0.0.1"),
  STUDIO_WITHOUT_TOKEN: z.stringbool().default(false),
  DECURION_AGENT: text.optional(),
});

/** The settings of one process, made trusted. Holds the key: never log or store it. */
export interface Config {
  readonly apiKey: string | undefined;
  readonly baseUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly databaseSchema: string;
  /** Folder for the embedded Postgres and other files of this checkout. */
  readonly home: string;
  readonly model: string;
  /** Names that stand for models, those of the remap table included. */
  readonly aliases: ModelAliases;
  readonly maxTokens: number;
  readonly parallel: number;
  readonly budgetUsd: number;
  /** Ceilings of one task, and of all threads in a day of UTC, where they are set. */
  readonly taskBudgetUsd: number | undefined;
  readonly dayBudgetUsd: number | undefined;
  /** The models that a task is tried on after its own, one after the other. */
  readonly ladder: readonly string[];
  /** Memory that one agent's tools, servers and processes may have together. */
  readonly agentMemoryMb: number;
  /** How far apart agents start under the conservative profile. */
  readonly profileDelayMs: number;
  /** How often one call may search the web, and how often fetch a page: the worst case of all is reserved. */
  readonly webUses: number;
  /** The environment variables that configurations of MCP servers may use, with their values. Holds secrets. */
  readonly mcpVariables: Readonly<Record<string, string | undefined>>;
  /** How long an MCP server may take to start. */
  readonly mcpConnectMs: number;
  /** How long a call of an MCP server's tool or of an own tool may take. */
  readonly toolCallMs: number;
  readonly streamIdleMs: number;
  /** How long a server that does not answer is waited for, before a human is asked. */
  readonly outageMs: number;
  readonly pricesFile: string | undefined;
  /** A folder in which Claude Code's package is installed, where that is not the project's own. */
  readonly agentSdk: string | undefined;
  /** Whose settings Claude Code reads: `user`, `project`, `local`; none of them by default. */
  readonly claudeCodeSettings: readonly string[];
  /** Whether a plan may name commands that validate its results. They run with this process's rights. */
  readonly allowCommands: boolean;
  /** Where the server of `studio` listens, and under which name it may be asked besides the loopback ones. */
  readonly serverHost: string;
  /** Whether LangGraph Studio in a browser here may use that server without its token. */
  readonly studioWithoutToken: boolean;
  /** Set when an agent started this process, as `thread/task`: nothing here may start an agent then. */
  readonly insideAgent: string | undefined;
}

/**
 * Makes environment variables trusted. A variable set to nothing counts as not set.
 *
 * @throws UsageError naming every wrong variable, never its value.
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new UsageError(`The environment is not right: ${wrong.join("; ")}.`);
  }
  const env = parsed.data;
  if (env.ANTHROPIC_BASE_URL && !env.ANTHROPIC_API_KEY) {
    throw new UsageError(
      "ANTHROPIC_BASE_URL is set but ANTHROPIC_API_KEY is not: set the key that server expects (any text if it checks none).",
    );
  }
  const aliases = {
    haiku: env.MODEL_HAIKU,
    sonnet: env.MODEL_SONNET,
    opus: env.MODEL_OPUS,
    fable: env.MODEL_FABLE,
  };
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
    mcpVariables: mcpVariables(env.MCP_VARIABLES, environment),
    mcpConnectMs: env.MCP_CONNECT_SECONDS * 1000,
    toolCallMs: env.TOOL_CALL_SECONDS * 1000,
    streamIdleMs: env.STREAM_IDLE_SECONDS * 1000,
    outageMs: env.OUTAGE_MINUTES * 60_000,
    pricesFile: env.PRICES_FILE,
    agentSdk: env.CLAUDE_AGENT_SDK,
    claudeCodeSettings: env.CLAUDE_CODE_SETTINGS?.split(/\s*,\s*/) ?? [],
    allowCommands: env.ALLOW_COMMANDS,
    serverHost: env.SERVER_HOST,
    studioWithoutToken: env.STUDIO_WITHOUT_TOKEN,
    insideAgent: env.DECURION_AGENT,
  };
}

/** What only Decurion itself may see. */
const OWN_SECRETS = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "DATABASE_URL"];

function mcpVariables(
  list: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Config["mcpVariables"] {
  const names = (list ?? "").split(/[\s,]+/).filter((name) => name !== "");
  const secret = names.find((name) => OWN_SECRETS.includes(name));
  if (secret)
    throw new UsageError(`MCP_VARIABLES names ${secret}, which no MCP server may see: take it out.`);
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}
