import { describe, expect, it } from "vitest";
import { Batches } from "../../src/postgres/batches.ts";
import { useTestDatabase } from "../support/database.ts";

/** Doubles numbers in one statement and remembers which ones it was given together. */
function doubling() {
  const performed: number[][] = [];
  const batches = new Batches<number, number>(async (database, _key, items) => {
    performed.push([...items]);
    const { rows } = await database.pool.query<{ doubled: number }>(
      'SELECT 12 / (13 - n) * 0 + n * 2 AS "doubled" FROM unnest($1::int[]) WITH ORDINALITY AS given (n, place) ORDER BY place',
      [items],
    );
    return rows.map((row) => row.doubled);
  });
  return { batches, performed };
}

describe("statements made at the same moment", () => {
  const database = useTestDatabase();

  it("are the first and one for all others; each has its own result", async () => {
    const { batches, performed } = doubling();
    const results = await Promise.all([1, 2, 3, 4, 5].map((n) => batches.do(database(), "a", n)));
    expect(results).toEqual([2, 4, 6, 8, 10]);
    expect(performed).toEqual([[1], [2, 3, 4, 5]]);
  });

  it("that are asked for while one is under way are the next one", async () => {
    const { batches, performed } = doubling();
    const first = batches.do(database(), "a", 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(
      await Promise.all([first, batches.do(database(), "a", 2), batches.do(database(), "a", 3)]),
    ).toEqual([2, 4, 6]);
    expect(performed).toEqual([[1], [2, 3]]);
  });

  it("are apart when their keys differ, and when one is over before the next begins", async () => {
    const { batches, performed } = doubling();
    await Promise.all([batches.do(database(), "a", 1), batches.do(database(), "b", 2)]);
    await batches.do(database(), "a", 3);
    expect(performed).toEqual([[1], [2], [3]]);
  });

  it("are done one by one when they fail together, so that only the wrong one fails", async () => {
    const { batches, performed } = doubling();
    const ends = await Promise.allSettled([0, 1, 2, 13, 4].map((n) => batches.do(database(), "a", n)));
    expect(ends.map((end) => (end.status === "fulfilled" ? end.value : String(end.reason)))).toEqual([
      0,
      2,
      4,
      "error: division by zero",
      8,
    ]);
    expect(performed).toEqual([[0], [1, 2, 13, 4], [1], [2], [13], [4]]);
  });

  it("that ask for more are done after a failure too", async () => {
    const { batches } = doubling();
    await expect(batches.do(database(), "a", 13)).rejects.toThrow("division by zero");
    expect(await batches.do(database(), "a", 21)).toBe(42);
  });

  it("fail when a result is missing", async () => {
    const batches = new Batches<number, number>(async () => []);
    await expect(batches.do(database(), "a", 1)).rejects.toThrow("A batch of 1 has 0 results.");
  });
});
