import type { Edge, Graph, Node } from "@langchain/core/runnables/graph";

export const DRAWING_FORMATS = ["mermaid", "ascii", "svg"] as const;
export type DrawingFormat = (typeof DRAWING_FORMATS)[number];

/** A graph's nodes, edges and labels, as Mermaid source, text or an SVG document. */
export async function drawGraph(graph: Graph, format: DrawingFormat): Promise<string> {
  if (format === "mermaid") return graph.drawMermaid().trimEnd();
  if (format === "ascii") return drawText(graph);
  const { renderMermaidSVG } = await import("beautiful-mermaid"); // Its layout engine takes 150 ms to load.
  const svg = renderMermaidSVG(plainMermaid(graph));
  // An SVG must not load a font from the network.
  return svg.replaceAll(/^\s*@import url\(.*\);\n/gm, "").replace(">", `>\n<title>${titleOf(graph)}</title>`);
}

/** The title of the picture, for screen readers. */
function titleOf(graph: Graph): string {
  return inFlowOrder(graph)
    .map(({ id }) => plainWords(labelOf(id)))
    .join(", ");
}

/** Each node in the order of the flow, with its outgoing edges below. Subgraphs are indented. */
function drawText(graph: Graph): string {
  let group = "";
  const lines: string[] = [];
  for (const node of inFlowOrder(graph)) {
    const parent = groupOf(node.id);
    if (parent !== group && parent !== "") lines.push(parent);
    group = parent;
    const bar = parent === "" ? "" : "│ ".repeat(parent.split(":").length);
    const about = descriptionOf(node);
    lines.push(`${bar}■ ${labelOf(node.id)}${about ? ` · ${about}` : ""}`);
    const edges = graph.edges.filter((edge) => edge.source === node.id);
    for (const [index, edge] of edges.entries()) {
      lines.push(`${bar}  ${index === edges.length - 1 ? "└" : "├"}${arrowOf(edge)} ${labelOf(edge.target)}`);
    }
  }
  return lines.join("\n");
}

function arrowOf({ data, conditional }: Edge): string {
  const dash = conditional ? "┄" : "─";
  return data === undefined ? `${dash}${dash}▶` : `${dash} ${data} ${dash}▶`;
}

/** Depth first from the start: a node comes after one that leads to it, and a subgraph stays together. */
function inFlowOrder({ nodes, edges }: Graph): Node[] {
  const seen = new Set<string>();
  const order: string[] = [];
  const visit = (id: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const { target } of edges.filter((edge) => edge.source === id).reverse()) visit(target);
    order.unshift(id);
  };
  for (const id of Object.keys(nodes)) visit(id);
  return order.flatMap((id) => nodes[id] ?? []);
}

/** Mermaid without HTML and styles, which only Mermaid in a browser understands. */
function plainMermaid({ nodes, edges }: Graph): string {
  const idOf = new Map(Object.keys(nodes).map((id, index) => [id, `n${index}`]));
  const groups = new Set(Object.keys(nodes).map(groupOf));
  const boxes = [...groups].flatMap((group) => {
    const members = Object.keys(nodes).filter((id) => groupOf(id) === group);
    const lines = members.map((id) => `${idOf.get(id)}${boxOf(id)}`);
    return group === "" ? lines : [`subgraph ${plainWords(group)}`, ...lines, "end"];
  });
  const arrows = edges.map(({ source, target, data, conditional }) => {
    const label = data === undefined ? "" : `|${plainWords(data)}|`;
    return `${idOf.get(source)} ${conditional ? "-.->" : "-->"}${label} ${idOf.get(target)}`;
  });
  return ["graph TD", ...boxes, ...arrows].join("\n");
}

function boxOf(id: string): string {
  const label = plainWords(labelOf(id));
  return id.startsWith("__") ? `([${label}])` : `[${label}]`;
}

/** The subgraph a node is in: `claude_executor:lane` is in `claude_executor`. */
function groupOf(id: string): string {
  return id.split(":").slice(0, -1).join(":");
}

/** Shows LangGraph's `__start__` and `__end__` as `start` and `end`. */
function labelOf(id: string): string {
  const name = id.split(":").at(-1) ?? id;
  return name.replace(/^__(start|end)__$/, "$1");
}

function descriptionOf({ metadata }: Node): string {
  const description: unknown = metadata?.["description"];
  return typeof description === "string" ? description : "";
}

/** Without Mermaid's special characters. */
function plainWords(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} ._-]/gu, " ").trim();
}
