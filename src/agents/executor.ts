import { UsageError } from "../core/errors.ts";
import { EXECUTORS, type ExecutorName } from "../core/executors.ts";
import type { AgentDefinition } from "./definition.ts";

/**
 * The executor that an agent's file asks for by its key `executor`, which is ours and not Claude Code's.
 *
 * @throws UsageError when it names none that there is.
 */
export function executorOf({ name, frontmatter }: AgentDefinition): ExecutorName | undefined {
  const asked = frontmatter["executor"];
  if (asked === undefined || asked === null) return undefined;
  const executor = EXECUTORS.find((known) => known === asked);
  if (executor) return executor;
  throw new UsageError(
    `Agent "${name}" has the executor ${JSON.stringify(asked)}: it must be ${EXECUTORS.join(" or ")}.`,
  );
}
