import { randomUUID } from "node:crypto";
import { z } from "zod";
import { messageOf, UsageError } from "../../domain/errors.ts";
import { type Json, plainJson } from "../../domain/json.ts";
import { isSpawningTool } from "../../domain/tool-list.ts";
import { ASK_POLICIES } from "../../domain/tool-policy.ts";
import { within } from "../../domain/within.ts";
import type { Confinement } from "../../processes/confinement.ts";
import { ModuleWorker, WorkerError } from "../../processes/module-worker.ts";
import { ProcessScope } from "../../processes/process-scope.ts";
import type { Tool, ToolOutput } from "../tool.ts";
import { bundleModule } from "./bundle-module.ts";

const descriptionSchema = z.object({
  name: z.string().regex(/^[\w-]{1,64}$/, "must be letters, digits, _ and -, at most 64"),
  description: z.string().min(1),
  inputSchema: z.looseObject({ type: z.literal("object") }),
  effect: z.enum(["reads", "writes"]),
  ask: z.enum(ASK_POLICIES).optional(),
});
type Description = z.infer<typeof descriptionSchema>;
const outputSchema = z.object({ content: z.string(), isError: z.boolean() });

/** Tools that a module of the project exports. */
export interface OwnTools {
  readonly file: string;
  /** URL of their bundle. */
  readonly module: string;
  readonly tools: readonly Description[];
}

interface LoadOptions {
  /** The folder for bundles. */
  readonly folder: string;
  readonly project: string;
  readonly memoryMb: number;
  readonly confinement: Confinement;
  /** Names that already belong to other tools. */
  readonly taken: ReadonlySet<string>;
}

/** How long a module may take to list its tools. */
const LIST_MS = 20_000;

/**
 * Bundles a module and lists its tools, in a separate process.
 *
 * @throws UsageError that names the file when it does not load or its tools are invalid.
 */
export async function loadOwnTools(
  file: string,
  { folder, project, memoryMb, confinement, taken }: LoadOptions,
): Promise<OwnTools> {
  const module = await bundleModule(file, folder);
  // A unique name: it identifies the processes, and another load may run at the same time.
  const memory = new ProcessScope(`tools/${randomUUID()}`, memoryMb, { confinement });
  const { signal } = new AbortController();
  const worker = new ModuleWorker({ module, memory, signal, project });
  try {
    const listed = await within(LIST_MS, signal, (own) => worker.call("list", [], own));
    return { file, module, tools: checked(listed, file, taken) };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`The tools of ${file} cannot be loaded: ${messageOf(error).replace(/\.$/, "")}.`);
  } finally {
    await memory.close();
  }
}

function checked(listed: Json, file: string, taken: ReadonlySet<string>): Description[] {
  const tools = z
    .array(z.unknown())
    .parse(listed)
    .map((tool, index) => {
      const parsed = descriptionSchema.safeParse(tool);
      if (parsed.success) return parsed.data;
      const named = z.looseObject({ name: z.string() }).safeParse(tool).data?.name ?? `number ${index + 1}`;
      const wrong = parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
      throw new UsageError(`Tool "${named}" of ${file} is invalid: ${wrong.join("; ")}.`);
    });
  if (tools.length === 0) throw new UsageError(`${file} exports no tool. Make one with defineTool.`);
  const names = new Set<string>();
  for (const { name } of tools) {
    const key = name.toLowerCase();
    const isTaken = names.has(key) || taken.has(key) || name.startsWith("mcp__") || isSpawningTool(name);
    if (isTaken) throw new UsageError(`Tool "${name}" of ${file} needs another name: this one is taken.`);
    names.add(key);
  }
  return tools;
}

/** The attempt that tools work for, and the time limit of a call. */
export interface OwnScope {
  /** The project's folder, whose packages and files they may read. */
  readonly folder: string;
  readonly memory: ProcessScope;
  readonly signal: AbortSignal;
  readonly callMs: number;
}

/** The tools with these names, for one attempt. Their process starts with the first call and ends with `close`. */
export function openOwnTools(
  { module, tools }: OwnTools,
  names: ReadonlySet<string>,
  { memory, signal, folder: project, callMs }: OwnScope,
): { readonly tools: readonly Tool[]; close(): void } {
  const worker = new ModuleWorker({ module, memory, signal, project });
  const run = async (name: string, input: unknown, stop: AbortSignal): Promise<ToolOutput> => {
    await memory.admitted();
    try {
      const output = await within(callMs, stop, (own) => worker.call("call", [name, plainJson(input)], own));
      return outputSchema.parse(output);
    } catch (error) {
      stop.throwIfAborted();
      if (error instanceof WorkerError) return { content: `Error: ${error.message}`, isError: true };
      if (error instanceof Error && error.name === "TimeLimitError") {
        return { content: `${name} ${error.message}.`, isError: true };
      }
      throw error;
    }
  };
  return {
    tools: tools
      .filter(({ name }) => names.has(name))
      .map(({ ask, ...tool }) => ({
        ...tool,
        ...(ask && { ask }),
        run: (input, context) => run(tool.name, input, context.signal),
      })),
    close: () => worker.close(),
  };
}
