import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  layoutTasks,
  type PositionedTask,
  TASK_SIZE,
} from "../../../../src/control-room/thread/graph/layout-tasks.ts";

/** A plan of up to 120 tasks in which each depends on some of the wave before. */
const plan = fc
  .array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
  .chain((sizes) =>
    fc.tuple(
      fc.constant(sizes),
      fc.infiniteStream(fc.nat()).map((stream) => stream),
    ),
  )
  .map(([sizes, chance]) =>
    sizes.flatMap((size, wave) =>
      Array.from({ length: size }, (_, index): PositionedTask => {
        const before = sizes[wave - 1];
        const number = chance.next().value as number;
        return {
          id: `${wave}-${index}`,
          wave,
          dependsOn: before === undefined ? [] : [`${wave - 1}-${number % before}`],
        };
      }),
    ),
  );

describe("the drawing of a plan", () => {
  it("gives each task a place of its own, inside its bounds", () => {
    fc.assert(
      fc.property(plan, (tasks) => {
        const { points, width, height } = layoutTasks(tasks);
        const places = [...points.values()];
        expect(points.size).toBe(tasks.length);
        for (const { x, y } of places) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(x + TASK_SIZE.width).toBeLessThanOrEqual(width);
          expect(y + TASK_SIZE.height).toBeLessThanOrEqual(height);
        }
        for (const [index, one] of places.entries()) {
          const overlapping = places
            .slice(index + 1)
            .filter(
              ({ x, y }) => Math.abs(x - one.x) < TASK_SIZE.width && Math.abs(y - one.y) < TASK_SIZE.height,
            );
          expect(overlapping).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("draws what depends on a task to its right", () => {
    fc.assert(
      fc.property(plan, (tasks) => {
        const { points } = layoutTasks(tasks);
        for (const { id, dependsOn } of tasks) {
          for (const name of dependsOn) {
            expect(points.get(id)?.x).toBeGreaterThan((points.get(name)?.x ?? 0) + TASK_SIZE.width);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("keeps two chains apart instead of crossing them", () => {
    const { points } = layoutTasks([
      { id: "a", wave: 0, dependsOn: [] },
      { id: "b", wave: 0, dependsOn: [] },
      { id: "after-b", wave: 1, dependsOn: ["b"] },
      { id: "after-a", wave: 1, dependsOn: ["a"] },
    ]);
    expect(points.get("after-a")?.y).toBe(points.get("a")?.y);
    expect(points.get("after-b")?.y).toBe(points.get("b")?.y);
  });

  it("makes a block of a wave with 500 tasks, not a tower", () => {
    const tasks = Array.from({ length: 500 }, (_, index) => ({ id: `${index}`, wave: 0, dependsOn: [] }));
    const { width, height } = layoutTasks(tasks);
    expect(width / height).toBeGreaterThan(1);
    expect(width / height).toBeLessThan(5);
  });

  it("has no room for no tasks", () => {
    expect(layoutTasks([])).toEqual({ points: new Map(), width: 0, height: 0 });
  });
});
