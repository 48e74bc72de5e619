import { type Deadline, deadlineSchema } from "../domain/deadline.ts";
import { UsageError } from "../domain/errors.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import type { RequestKind } from "../requests/kind.ts";
import { KINDS } from "../requests/kinds.ts";
import { approvableKinds, askSchemaOf } from "../requests/thread-options.ts";
import { textOption } from "./arguments.ts";
import type { Arguments } from "./cli.ts";

/** `--ask result,tool=writes`: which kinds of request a person gets. A kind alone means `always`. */
export function askFrom(args: Arguments): ThreadOptions["ask"] {
  const given = textOption(args, "ask");
  if (given === undefined) return undefined;
  const pairs = given.split(",").map((word) => {
    const [kind = "", policy = "always"] = word.trim().split("=");
    return [kind, policy] as const;
  });
  const schema = askSchemaOf(KINDS);
  const isKnown = pairs.every(([kind]) => Object.hasOwn(schema.shape, kind));
  const parsed = schema.safeParse(Object.fromEntries(pairs));
  if (isKnown && parsed.success) return parsed.data;
  throw new UsageError(
    `--ask takes ${list(Object.keys(schema.shape))}, each with =always or =never${finerPolicies()}, not "${given}". ${alwaysAsked(({ ask }) => ask !== undefined)}.`,
  );
}

/** Policies besides always and never: `, and tool=writes`. */
function finerPolicies(): string {
  const finer = KINDS.all.flatMap(({ name, ask }) =>
    (ask?.policies ?? []).flatMap((policy) => (policy === "writes" ? [`${name}=${policy}`] : [])),
  );
  return finer.length === 0 ? "" : `, and ${list(finer)}`;
}

/** `You are always asked about budgets and failures`. */
function alwaysAsked(maySkip: (kind: RequestKind) => boolean): string {
  const kinds = KINDS.all.filter((kind) => !maySkip(kind));
  return `You are always asked about ${list(kinds.map(({ name }) => `${name}s`))}`;
}

/** `--auto-approve`, or `--auto-approve=plan,tool`. */
export function approvalsFrom(args: Arguments): string[] | undefined {
  const value = args.options["auto-approve"];
  if (value === undefined) return undefined;
  const known = approvableKinds(KINDS);
  if (value === true) return known;
  const given = value.split(",").map((word) => word.trim());
  const other = given.find((word) => !known.includes(word));
  if (other === undefined) return given;
  throw new UsageError(
    `--auto-approve takes ${known.join(", ")}, not "${other}". ${alwaysAsked(({ isAutoApprovable }) => isAutoApprovable)}.`,
  );
}

/** `plan, tool and result`. */
function list(words: readonly string[]): string {
  return new Intl.ListFormat("en-GB").format(words);
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
    `--deadline must be a time and an answer, like 30m=approve or 2h=reject, not "${given}". The longest time is a year.`,
  );
}
