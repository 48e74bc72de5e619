import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AgentProcess } from "../../processes/agent-process.ts";
import type { ProcessScope } from "../../processes/process-scope.ts";
import { startProcess } from "../../processes/start-process.ts";
import type { ModelProxy } from "./model-proxy.ts";

/** The process that Claude Code's package asks for. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
}

const FORWARD = fileURLToPath(new URL("./forward.mjs", import.meta.url));

/** The folders of one attempt, and the way to its model. */
export interface LaunchPlaces {
  readonly workspace: string;
  /** The folder of its sessions; undefined for the user's own. */
  readonly configFolder: string | undefined;
  /** The folder of Claude Code's package. */
  readonly packageFolder: string;
  readonly proxy: Pick<ModelProxy, "port" | "socket">;
}

/**
 * Starts Claude Code's program in its own process group. Its hooks and tools can print the environment, so no secret of ours
 * may be in it. In a sandbox without network it reaches the model proxy and nothing else.
 */
export function launchClaudeCode(
  { command, args, cwd }: Launch,
  environment: Readonly<Record<string, string>>,
  { workspace, configFolder, packageFolder, proxy }: LaunchPlaces,
  { memory, signal }: { readonly memory: ProcessScope; readonly signal: AbortSignal },
): AgentProcess {
  const { sandbox, network, environment: shared } = memory.confinement;
  const isForwarded = sandbox !== undefined && network === "none";
  const program = isForwarded
    ? [process.execPath, FORWARD, String(proxy.port), proxy.socket, command, ...args]
    : [command, ...args];
  const home = shared["HOME"] ?? "";
  const ownSettings = [join(home, ".claude"), join(home, ".claude.json")].filter((path) => existsSync(path));
  const [first = command, ...rest] = program;
  return startProcess(first, rest, {
    memory,
    signal,
    environment,
    needs: {
      reads: [packageFolder, ...(isAbsolute(command) ? [dirname(command)] : []), FORWARD, proxy.socket],
      writes: [workspace, ...(configFolder === undefined ? ownSettings : [configFolder])],
    },
    folder: cwd ?? workspace,
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
