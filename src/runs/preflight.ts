import type { Config } from "../domain/config.ts";
import { UsageError } from "../domain/errors.ts";
import type { Task } from "../domain/task.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { DRIVERS } from "../drivers/drivers.ts";
import { tasksOfMentions, trustedPlan } from "../nodes/plan.ts";
import { openScope } from "./agent-scope.ts";
import type { Folders } from "./folders.ts";
import { readPrices } from "./read-prices.ts";

/** A run to start. */
export interface Start {
  readonly input: string;
  /** The parsed plan file, if any. */
  readonly plan?: unknown;
  readonly options: ThreadOptions;
}

/**
 * Checks agents, models, and the plan or the mentions, before a database is opened or money is spent.
 *
 * @returns the plan's tasks, if there is a plan.
 * @throws UsageError when one of them is wrong.
 */
export async function checkStart(
  config: Config,
  folders: Folders,
  start: Start,
): Promise<Task[] | undefined> {
  const { input, plan, options } = start;
  const parts = { config, folders, prices: await readPrices(config), drivers: DRIVERS };
  const { scope } = await openScope(parts, options);
  const chosen = DRIVERS.find((driver) => driver.name === options.executor);
  const problem = chosen?.problemOf?.({ config, folders });
  if (problem !== undefined) throw new UsageError(problem);
  if (plan !== undefined) return trustedPlan(scope, plan);
  if (input === "") throw new UsageError("The input is empty. Add what the agents should do, or --plan F.");
  tasksOfMentions(scope, input);
  return undefined;
}
