import type { ProcessScope } from "../../processes/process-scope.ts";
import { type AgentProcess, startProcess } from "../../processes/start-process.ts";

/** The process that Claude Code's package asks for. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
}

/** The variables of this process that Claude Code and its tools see. They see no others. */
const KEPT = `PATH HOME USER LOGNAME SHELL LANG LC_ALL LC_CTYPE TZ TERM TMPDIR XDG_CONFIG_HOME XDG_CACHE_HOME
  XDG_DATA_HOME HTTP_PROXY HTTPS_PROXY http_proxy https_proxy SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS
  DECURION_AGENT DECURION_ATTEMPT`.split(/\s+/);

/** Removes all variables except the named ones from a shell's environment, and becomes the command. */
const CLEANER = `keep=" $1 "; shift
for name in $(env | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\1/p'); do
  case "$keep" in *" $name "*) ;; *) unset "$name" ;; esac
done
exec "$@"`;

/**
 * Starts Claude Code's program in its own process group, with an environment that contains only what it needs. Its hooks
 * and tools can print the environment, so no secret of ours may be in it.
 */
export function launchClaudeCode(
  { command, args, cwd }: Launch,
  environment: Readonly<Record<string, string>>,
  { memory, signal }: { readonly memory: ProcessScope; readonly signal: AbortSignal },
): AgentProcess {
  const names = [...KEPT, ...Object.keys(environment)].join(" ");
  return startProcess("sh", ["-c", CLEANER, "sh", names, command, ...args], {
    memory,
    signal,
    environment,
    ...(cwd !== undefined && { folder: cwd }),
  });
}

/**
 * The variables that give Claude Code the address of the model and switch off everything besides its task. Two of them
 * are the second and third protection against agents that it could start; it ignores a depth of 0.
 */
export function codeEnvironment(settings: {
  readonly url: string;
  readonly key: string;
  readonly configFolder: string | undefined;
  /** Undefined for its own choice. */
  readonly maxTokens: number | undefined;
  readonly haiku: string;
}): Record<string, string> {
  const { url, key, configFolder, maxTokens, haiku } = settings;
  return {
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: key,
    ...(configFolder !== undefined && { CLAUDE_CONFIG_DIR: configFolder }),
    ANTHROPIC_DEFAULT_HAIKU_MODEL: haiku,
    ...(maxTokens !== undefined && { CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxTokens) }),
    CLAUDE_CODE_DISABLE_WORKFLOWS: "1",
    CLAUDE_CODE_MAX_SUBAGENT_SPAWN_DEPTH: "1",
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_RESUME_INTERRUPTED_TURN: "1",
    // A call may wait long before it is sent, so only we may end it.
    API_TIMEOUT_MS: String(2 ** 31 - 1),
    NO_PROXY: "127.0.0.1,localhost",
    no_proxy: "127.0.0.1,localhost",
  };
}
