import type { Graph } from "@langchain/core/runnables/graph";
import { Hono } from "hono";
import type { GraphList, GraphView } from "./api-types.ts";
import { type ControlRoom, graphOf, openEngineFor } from "./control-room.ts";

/** Lists the graphs, and returns the drawing of one. */
export function graphRoutes(room: ControlRoom): Hono {
  return new Hono()
    .get("/", async (context) => {
      const graphs = await room.graphs.names();
      const drivers = (await openEngineFor(room)).drivers.map(({ name, label }) => ({ name, label }));
      return context.json({ graphs, drivers } satisfies GraphList);
    })
    .get("/:name", async (context) => {
      const name = context.req.param("name");
      const graph = await graphOf(room, name);
      return context.json(viewOf(name, await graph.getGraphAsync({ xray: true })) satisfies GraphView);
    });
}

function viewOf(name: string, { nodes, edges }: Graph): GraphView {
  return {
    name,
    nodes: Object.values(nodes).map(({ id, metadata }) => {
      const path = id.split(":");
      const description: unknown = metadata?.["description"];
      return {
        id,
        label: (path.at(-1) ?? id).replace(/^__(start|end)__$/, "$1"),
        group: path.length > 1 ? path.slice(0, -1).join(":") : null,
        description: typeof description === "string" ? description : null,
      };
    }),
    edges: edges.map(({ source, target, data, conditional }) => ({
      source,
      target,
      label: data ?? null,
      conditional: conditional ?? false,
    })),
  };
}
