import { z } from "zod";
import { data } from "../domain/reach.ts";
import { anyThreadOptionsSchema } from "../domain/thread-options.ts";
import { KINDS, type Kinds } from "./kinds.ts";

/** The options of a thread, with the kinds for `autoApprove` and `ask`. */
export function threadOptionsOf({ all }: Kinds) {
  const approvable = approvableKinds({ all });
  const isHarmless = (name: string) => all.find((kind) => kind.name === name)?.approvalReach === "data";
  return anyThreadOptionsSchema.extend({
    autoApprove: data(
      z
        .array(z.enum(approvable))
        .optional()
        .describe(`Kinds of requests to approve without asking: ${approvable.join(", ")}.`),
      (names = []) => (names.every(isHarmless) ? "data" : "code"),
    ),
    ask: data(
      askSchemaOf({ all }).optional().describe("What a human is asked about, by kind."),
      (policies = {}) =>
        Object.entries(policies).every(([name, policy]) => policy === "always" || isHarmless(name))
          ? "data"
          : "code",
    ),
  });
}

/** The names of the kinds for `autoApprove`. */
export function approvableKinds({ all }: Pick<Kinds, "all">): string[] {
  return all.filter(({ isAutoApprovable }) => isAutoApprovable).map(({ name }) => name);
}

/** A run's policies by kind; default: the graph's. */
export function askSchemaOf({ all }: Pick<Kinds, "all">) {
  const policies = all.flatMap(({ name, ask }) =>
    ask ? [[name, z.enum(ask.policies).optional().describe(ask.help)] as const] : [],
  );
  return z.object(Object.fromEntries(policies));
}

export const threadOptionsSchema = threadOptionsOf(KINDS);
