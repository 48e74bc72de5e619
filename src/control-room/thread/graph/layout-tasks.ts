/** The facts of a task that determine its place in the drawing. */
export interface PositionedTask {
  readonly id: string;
  readonly wave: number;
  readonly dependsOn: readonly string[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Placement {
  /** The upper left corner of each task by its id. The box starts at 0, 0. */
  readonly points: ReadonlyMap<string, Point>;
  readonly width: number;
  readonly height: number;
}

export const TASK_SIZE = { width: 204, height: 58 } as const;
const GAP = { column: 20, wave: 52, row: 12 } as const;
/** Up to so many tasks of a wave form one column. A bigger wave becomes a block of columns. */
const LEAST_ROWS = 10;
/** Rows per square root of the number of tasks: then a big plan has about the proportions of a screen. */
const ROWS_OF_PLAN = 1.4;

/** Places tasks wave by wave from left to right, each near its dependencies. */
export function layoutTasks(tasks: readonly PositionedTask[]): Placement {
  const waves = byWave(tasks);
  const points = new Map<string, Point>();
  const mostRows = Math.max(LEAST_ROWS, Math.ceil(Math.sqrt(tasks.length) * ROWS_OF_PLAN));
  const heights = [...waves.values()].map(({ length }) => blockHeight(Math.min(length, mostRows)));
  const height = Math.max(0, ...heights);
  let left = 0;
  for (const wave of [...waves.keys()].sort((a, b) => a - b)) {
    const members = nearTheirDependencies(waves.get(wave) ?? [], points);
    const rows = Math.min(members.length, mostRows);
    const top = (height - blockHeight(rows)) / 2;
    members.forEach(({ id }, index) => {
      points.set(id, {
        x: left + Math.floor(index / rows) * (TASK_SIZE.width + GAP.column),
        y: top + (index % rows) * (TASK_SIZE.height + GAP.row),
      });
    });
    left += Math.ceil(members.length / rows) * (TASK_SIZE.width + GAP.column) - GAP.column + GAP.wave;
  }
  return { points, width: Math.max(0, left - GAP.wave), height };
}

function byWave(tasks: readonly PositionedTask[]): Map<number, PositionedTask[]> {
  const waves = new Map<number, PositionedTask[]>();
  for (const task of tasks) {
    const wave = waves.get(task.wave);
    if (wave) wave.push(task);
    else waves.set(task.wave, [task]);
  }
  return waves;
}

function blockHeight(rows: number): number {
  return rows * (TASK_SIZE.height + GAP.row) - GAP.row;
}

/** Sorted by the mean height of their dependencies, so that few edges cross. The plan's order breaks ties. */
function nearTheirDependencies(
  members: readonly PositionedTask[],
  points: ReadonlyMap<string, Point>,
): readonly PositionedTask[] {
  const heightOf = new Map(
    members.map(({ id, dependsOn }, index) => {
      const heights = dependsOn.map((name) => points.get(name)?.y).filter((y) => y !== undefined);
      const mean = heights.reduce((sum, y) => sum + y, 0) / heights.length;
      return [id, heights.length > 0 ? mean : index] as const;
    }),
  );
  return [...members].sort((a, b) => (heightOf.get(a.id) ?? 0) - (heightOf.get(b.id) ?? 0));
}
