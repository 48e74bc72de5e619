import type { z } from "zod";
import { registry } from "zod";

/**
 * What a value leads to. `data`: amounts, names, choices. `code`: commands, modules and paths of this machine, and calls of
 * tools without a human's approval.
 */
export type Reach = "code" | "data";

/** A value without a mark reaches code, so that the network cannot send a new option until somebody has marked it. */
const marks = registry<{ readonly reachOf: (value: unknown) => Reach }>();

/** Marks an option as data. @param reachOf - decides by the value instead. */
export function data<Schema extends z.ZodType>(
  schema: Schema,
  reachOf: (value: z.output<Schema>) => Reach = () => "data",
): Schema {
  marks.add(schema, { reachOf: (value) => reachOf(value as z.output<Schema>) });
  return schema;
}

/** The names of the given options that reach code. */
export function reachingCode(schema: z.ZodObject, options: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(options)
    .filter(([name, value]) => {
      const option = schema.shape[name];
      const mark = option && marks.get(option);
      return value !== undefined && mark?.reachOf(value) !== "data";
    })
    .map(([name]) => name);
}

/** The options of the schema that reach code with every value. */
export function optionsOfCode(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape)
    .filter(([, option]) => !marks.has(option))
    .map(([name]) => name);
}
