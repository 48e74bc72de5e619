/** The nodes and edges of a workflow, in the order of the graph's file. */
export interface Workflow {
  readonly nodes: readonly { readonly id: string }[];
  readonly edges: readonly { readonly source: string; readonly target: string }[];
}

/** `column` from the left. `row` 0 is the path of a normal run; other rows are above it. */
export interface Cell {
  readonly column: number;
  readonly row: number;
}

/**
 * Places the nodes of a workflow. The path of a normal run is one row: it takes the first edge to a new node. Other nodes
 * are above their neighbours.
 */
export function layoutWorkflow({ nodes, edges }: Workflow, start = "__start__"): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (let at: string | undefined = start; at !== undefined; at = nextOf(at, edges, cells)) {
    cells.set(at, { column: cells.size, row: 0 });
  }
  const taken = new Set<string>();
  for (const { id } of nodes) {
    if (cells.has(id)) continue;
    const neighbours = edges
      .filter(({ source, target }) => source === id || target === id)
      .map(({ source, target }) => cells.get(source === id ? target : source)?.column)
      .filter((column) => column !== undefined);
    const column = Math.round(neighbours.reduce((sum, one) => sum + one, 0) / Math.max(1, neighbours.length));
    let row = 1;
    while (taken.has(`${column} ${row}`)) row += 1;
    taken.add(`${column} ${row}`);
    cells.set(id, { column, row });
  }
  return cells;
}

function nextOf(id: string, edges: Workflow["edges"], passed: ReadonlyMap<string, Cell>): string | undefined {
  return edges.find(({ source, target }) => source === id && !passed.has(target))?.target;
}
