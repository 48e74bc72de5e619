import type { MiddlewareHandler } from "hono";
import { z } from "zod";
import { SIMULATED } from "../domain/driver-traits.ts";
import { threadOptionsSchema } from "../requests/thread-options.ts";
import { refusedOptions } from "../runs/refuse-code.ts";
import { type ControlRoom, openEngineFor } from "./control-room.ts";

const schemasSchema = z.looseObject({ context_schema: z.unknown().optional() });

/**
 * Adds the options of a thread as the context schema of a graph. The LangGraph server has no context schema for a graph with
 * a StateSchema, so Studio would show no form.
 */
export const contextSchema =
  (room: ControlRoom): MiddlewareHandler =>
  async (context, next) => {
    await next();
    if (context.res.status !== 200) return;
    const said = schemasSchema.safeParse(await context.res.clone().json());
    if (!said.success || said.data.context_schema) return;
    const options = z.toJSONSchema(threadOptionsSchema, { io: "input" });
    const executor = options.properties?.["executor"];
    const engine = await openEngineFor(room);
    for (const name of refusedOptions(engine)) delete options.properties?.[name];
    const names = engine.drivers.map(({ name }) => name);
    if (typeof executor === "object") executor.enum = [...names, SIMULATED]; // A choice in Studio's form.
    const completed = { ...said.data, context_schema: options, config_schema: options };
    context.res = new Response(JSON.stringify(completed), context.res);
  };
