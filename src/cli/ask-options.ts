import { type AskPolicy, askPolicySchema } from "../domain/ask-policy.ts";
import { type Deadline, deadlineSchema } from "../domain/deadline.ts";
import { UsageError } from "../domain/errors.ts";
import { textOption } from "./arguments.ts";
import type { Arguments } from "./cli.ts";

/** `--ask result,tool=writes`: the kinds that are asked about; a kind alone is always asked. */
export function askFrom(args: Arguments): AskPolicy | undefined {
  const given = textOption(args, "ask");
  if (given === undefined) return undefined;
  const pairs = given.split(",").map((word) => {
    const [kind = "", policy = "always"] = word.trim().split("=");
    return [kind, policy] as const;
  });
  const isKnown = pairs.every(([kind]) => Object.hasOwn(askPolicySchema.shape, kind));
  const parsed = askPolicySchema.safeParse(Object.fromEntries(pairs));
  if (isKnown && parsed.success) return parsed.data;
  throw new UsageError(
    `--ask takes plan, tool, result and question, each with =always or =never, and tool=writes, not "${given}": budgets and failures are always asked.`,
  );
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `--deadline 30m=approve`. */
export function deadlineFrom(args: Arguments): Deadline | undefined {
  const given = textOption(args, "deadline");
  if (given === undefined) return undefined;
  const [, amount, unit, answer] = /^(\d+(?:\.\d+)?)([smhd])=(\w+)$/.exec(given.trim()) ?? [];
  const seconds = Number(amount) * SECONDS[unit as keyof typeof SECONDS];
  const parsed = deadlineSchema.safeParse({ seconds, answer });
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `--deadline must be a time of at most a year and an answer, as in 30m=approve or 2h=reject, not "${given}".`,
  );
}
