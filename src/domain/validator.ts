import { z } from "zod";
import { messageOf } from "./errors.ts";

/** How a task's result is checked beyond its shape: by a JSON schema, by a command, by an agent, or by several. */
export const validatorSchema = z
  .strictObject({
    /** A JSON schema which the output, read as JSON, must satisfy. */
    schema: z.record(z.string(), z.unknown()).optional(),
    /** A shell command that gets the output on its standard input and says yes by exit code 0. */
    command: z.string().trim().min(1, "is empty").optional(),
    /** How long the command may take; default 60. */
    timeoutSeconds: z.number().positive().max(3600).optional(),
    /** The agent that judges the output. */
    agent: z.string().trim().min(1, "is empty").optional(),
  })
  .refine(({ schema, command, agent }) => schema ?? command ?? agent, {
    message: "names no schema, command or agent",
  });
export type Validator = z.infer<typeof validatorSchema>;

/** What is wrong with a validator, as far as it can be told without running it. */
export function problemsOfValidator(
  { schema, command, agent }: Validator,
  { agents, allowCommands }: { readonly agents: ReadonlySet<string>; readonly allowCommands: boolean },
): string[] {
  return [
    ...(agent !== undefined && !agents.has(agent)
      ? [`is to be validated by the unknown agent "${agent}"`]
      : []),
    ...(command !== undefined && !allowCommands ? [NO_COMMANDS] : []),
    ...(schema === undefined ? [] : problemsOfSchema(schema)),
  ];
}

/** A plan may come from Claude or over the network: only who starts the process decides that it may run commands. */
export const NO_COMMANDS =
  "is to be validated by a command, which is not allowed here (a plan file of the command line may, or set ALLOW_COMMANDS=true)";

function problemsOfSchema(schema: Record<string, unknown>): string[] {
  try {
    z.fromJSONSchema(schema);
    return [];
  } catch (error) {
    return [`has a JSON schema that cannot be used: ${messageOf(error)}`];
  }
}

/** Why a value does not satisfy a JSON schema, or undefined when it does. */
export function whyNot(schema: Record<string, unknown>, value: unknown): string | undefined {
  const parsed = z.fromJSONSchema(schema).safeParse(value);
  if (parsed.success) return undefined;
  return parsed.error.issues
    .map((issue) => `${issue.path.join(".") || "the output"}: ${issue.message}`)
    .join("; ");
}
