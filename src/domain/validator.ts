import { z } from "zod";

/** How a task's result is checked beyond its shape: by a JSON schema, a command, an agent, or several of these. */
export const validatorSchema = z
  .strictObject({
    /** A JSON schema for the output, parsed as JSON. */
    schema: z.record(z.string(), z.unknown()).optional(),
    /** A shell command with the output on standard input. Exit code 0 accepts it. */
    command: z.string().trim().min(1, "is empty").optional(),
    /** Timeout of the command; default 60. */
    timeoutSeconds: z.number().positive().max(3600).optional(),
    /** The agent that judges the output. */
    agent: z.string().trim().min(1, "is empty").optional(),
  })
  .refine(({ schema, command, agent }) => schema ?? command ?? agent, {
    message: "names no schema, command or agent",
  });
export type Validator = z.infer<typeof validatorSchema>;

/** The first command of a validator anywhere in a value of plain JSON, in whatever channel of a state the tasks are. */
export function findCommand(value: unknown): string | undefined {
  const left = [value];
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    if (typeof one !== "object" || one === null) continue;
    const validate: unknown = "validate" in one ? one.validate : undefined;
    if (
      typeof validate === "object" &&
      validate !== null &&
      "command" in validate &&
      validate.command != null
    ) {
      return String(validate.command);
    }
    for (const inner of Object.values(one)) if (typeof inner === "object") left.push(inner);
  }
  return undefined;
}

/** A plan may come from Claude or over the network: only the user who starts the process may allow its commands. */
export const NO_COMMANDS =
  "has a command as validator, which is not allowed here (use a plan file of the command line, or set ALLOW_COMMANDS=true)";
