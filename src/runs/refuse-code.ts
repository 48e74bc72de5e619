import { UsageError } from "../domain/errors.ts";
import { optionsOfCode, reachingCode } from "../domain/reach.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { findCommand } from "../domain/validator.ts";
import { threadOptionsSchema } from "../requests/thread-options.ts";
import type { Engine } from "./engine.ts";

const INSTEAD = "Start the run on the command line, or set ALLOW_COMMANDS=true.";

/** The part of an engine that decides whether its callers may run code here. */
type Caller = Pick<Engine, "config" | "server">;

/** Whether the caller is a client of the server, whose user has not allowed code. */
function isRefused({ config, server }: Caller): boolean {
  return server !== undefined && !config.allowCommands;
}

/** The options that the caller may not send, whatever their value: no form needs to offer them. */
export function refusedOptions(caller: Caller): string[] {
  return isRefused(caller) ? optionsOfCode(threadOptionsSchema) : [];
}

/** @throws UsageError when a client of the server gives options that reach code or files of this machine. */
export function refuseCodeInOptions(caller: Caller, options: ThreadOptions): void {
  const names = isRefused(caller) ? reachingCode(threadOptionsSchema, options) : [];
  if (names.length === 0) return;
  throw new UsageError(
    `Clients of the server may not choose code, files or tool calls without a human: ${names.join(", ")}. ${INSTEAD}`,
  );
}

/**
 * @param value - an input, a Command or an update of a state. The thread may go on elsewhere, where commands are allowed.
 * @throws UsageError when a client of the server gives a command as validator.
 */
export function refuseCommands(caller: Caller, value: unknown): void {
  const command = isRefused(caller) ? findCommand(value) : undefined;
  if (command === undefined) return;
  throw new UsageError(
    `Clients of the server may not give commands, as validator or elsewhere: ${command}. ${INSTEAD}`,
  );
}
