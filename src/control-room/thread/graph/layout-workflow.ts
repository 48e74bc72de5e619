/** A node of a workflow, and where a run may go from it, in the order in which the graph file names the ways. */
export interface Workflow {
  readonly nodes: readonly { readonly id: string }[];
  readonly edges: readonly { readonly source: string; readonly target: string }[];
}

/** `column` from the left; `row` 0 is the way of a run in which all goes well, the others are above it. */
export interface Cell {
  readonly column: number;
  readonly row: number;
}

/**
 * Places the nodes of a workflow: those of the way in which all goes well in one row, and what is only passed
 * when something happens above what it belongs to. That way takes the first choice of each node that leads on.
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
