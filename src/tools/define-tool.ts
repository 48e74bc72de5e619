import { z } from "zod";
import type { Tool, ToolContext, ToolOutput } from "./tool.ts";
import { WorkspaceError } from "./workspace.ts";

/** A tool whose input is checked by zod. */
export interface ToolSpec<Input extends z.ZodObject> extends Omit<Tool, "inputSchema" | "run"> {
  readonly input: Input;
  /** Returns the text for the model. @throws WorkspaceError for a mistake of the model. */
  run(input: z.infer<Input>, context: ToolContext): Promise<string | ToolOutput>;
}

/** Makes a tool from a zod schema and a function that gets only valid input. */
export function defineTool<Input extends z.ZodObject>(spec: ToolSpec<Input>): Tool {
  const { input: schema, run, ...head } = spec;
  return {
    ...head,
    inputSchema: jsonSchemaOf(schema),
    run: async (input, context) => {
      const parsed = schema.safeParse(input);
      if (!parsed.success) return { content: wrongInput(parsed.error), isError: true };
      try {
        const output = await run(parsed.data, context);
        return typeof output === "string" ? { content: output, isError: false } : output;
      } catch (error) {
        if (error instanceof WorkspaceError) return { content: error.message, isError: true };
        throw error;
      }
    },
  };
}

function wrongInput({ issues }: z.ZodError): string {
  const wrong = issues.map(({ path, message }) => `${path.join(".") || "input"}: ${message}`);
  return `The input is invalid: ${wrong.join("; ")}.`;
}

/** As short as possible, because each call of the agent pays for it. */
function jsonSchemaOf(schema: z.ZodObject): Readonly<Record<string, unknown>> {
  const {
    $schema: _,
    additionalProperties: __,
    ...json
  } = z.toJSONSchema(schema, {
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return json;
}
