import { describe, expect, it } from "vitest";
import { useTestDatabase } from "../support/database.ts";

const testDatabase = useTestDatabase();

describe("an array of bytes", () => {
  it.each([
    ["of none", "'{}'::bytea[]", []],
    ["of empty ones", "ARRAY[''::bytea, '\\x00'::bytea]", ["", "\0"]],
    ["of any byte", "ARRAY['\\x225c7b7d2c00ff'::bytea]", ['"\\{},\0\xff']],
    [
      "of arrays",
      "ARRAY[ARRAY['a'::bytea, 'b'], ARRAY['c'::bytea, 'NULL']]",
      [
        ["a", "b"],
        ["c", "NULL"],
      ],
    ],
    ["with nothing in it", "ARRAY['a'::bytea, NULL]", ["a", null]],
  ])("%s is read as it was written", async (_, expression, expected) => {
    const { rows } = await testDatabase().pool.query(`SELECT ${expression} AS bytes`);

    expect(textOf(rows[0].bytes)).toEqual(expected);
  });

  it("of some megabytes is read in one piece", async () => {
    const { rows } = await testDatabase().pool.query(
      "SELECT ARRAY[convert_to(repeat('x', 4000000), 'UTF8'), 'y'::bytea] AS bytes",
    );

    const [first, second]: Buffer[] = rows[0].bytes;
    expect(first?.length).toBe(4_000_000);
    expect(first?.every((byte) => byte === 120)).toBe(true);
    expect(second?.toString()).toBe("y");
  });
});

function textOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(textOf);
  return Buffer.isBuffer(value) ? value.toString("latin1") : value;
}
