/** What the API accepts as names of tools and of their properties. Source: its own refusals. */
const NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const PROPERTY = /^[a-zA-Z0-9_.-]{1,64}$/;
const ALTERNATIVES = ["oneOf", "allOf", "anyOf"] as const;

/** A tool that runs at the client, as the API is given it. */
export interface ClientTool {
  readonly name: string;
  readonly input_schema: Readonly<Record<string, unknown>>;
}

/** Why the API would refuse a request with this tool, in its own words; undefined when it would not. */
export function toolProblem({ name, input_schema: schema }: ClientTool): string | undefined {
  if (!NAME.test(name)) return `name: String should match pattern '${NAME.source}'`;
  if (schema["type"] !== "object") return "input_schema.type: Input should be 'object'";
  if (ALTERNATIVES.some((word) => schema[word] !== undefined)) {
    return "input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level";
  }
  return propertyNames(schema).every((key) => PROPERTY.test(key))
    ? undefined
    : `input_schema.properties: Property keys should match pattern '${PROPERTY.source}'`;
}

/** The names of properties at every depth of a schema. */
function propertyNames(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties, items }: { properties?: unknown; items?: unknown } = schema;
  const own = typeof properties === "object" && properties !== null ? Object.entries(properties) : [];
  return [...own.flatMap(([name, inner]) => [name, ...propertyNames(inner)]), ...propertyNames(items)];
}
