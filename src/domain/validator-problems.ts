import { type JsonSchema, problemOfSchema } from "./json-schema.ts";
import { NO_COMMANDS, type Validator } from "./validator.ts";

/** The problems of a validator that can be found without running it. */
export function problemsOfValidator(
  { schema, command, agent }: Validator,
  { agents, allowCommands }: { readonly agents: ReadonlySet<string>; readonly allowCommands: boolean },
): string[] {
  return [
    ...(agent !== undefined && !agents.has(agent) ? [`has the unknown agent "${agent}" as validator`] : []),
    ...(command !== undefined && !allowCommands ? [NO_COMMANDS] : []),
    ...(schema === undefined ? [] : problemsOfSchema(schema)),
  ];
}

function problemsOfSchema(schema: JsonSchema): string[] {
  const problem = problemOfSchema(schema);
  return problem === undefined ? [] : [`has a JSON schema that ${problem}`];
}
