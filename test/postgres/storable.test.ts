import { describe, expect, it } from "vitest";
import { toJsonb, toText } from "../../src/postgres/storable.ts";
import { useTestDatabase } from "../support/database.ts";

const NUL = "\u0000";
const LONE = "\ud800";
const testDatabase = useTestDatabase();

describe("what Postgres cannot hold", () => {
  it.each([
    ["a NUL", `a${NUL}b`, "a\ufffdb"],
    ["a lone high surrogate", `a${LONE}b`, "a\ufffdb"],
    ["a lone low surrogate", "\udfff", "\ufffd"],
    ["several in a row", `${NUL}${NUL}${LONE}`, "\ufffd\ufffd\ufffd"],
    ["a NUL after backslashes", `\\\\${NUL}`, "\\\\\ufffd"],
    ["an escape that is only spelt out", "\\u0000 \\\\u0000 \\ud800", "\\u0000 \\\\u0000 \\ud800"],
    ["a whole emoji", "😀 é 漢", "😀 é 漢"],
    ["control characters", "\u0001\u001b[31m\n\t", "\u0001\u001b[31m\n\t"],
  ])("is replaced in a document and nothing else is: %s", async (_, text, stored) => {
    const document = { [`key ${text}`]: [text, { deep: text }], plain: 1.5, none: null };

    const { rows } = await testDatabase().pool.query("SELECT $1::jsonb AS document", [toJsonb(document)]);

    expect(rows[0].document).toEqual({
      [`key ${stored}`]: [stored, { deep: stored }],
      plain: 1.5,
      none: null,
    });
  });

  it("is replaced in a text", async () => {
    const { rows } = await testDatabase().pool.query("SELECT $1 AS text", [
      toText(`a${NUL}b${LONE}c\\u0000`),
    ]);

    expect(rows[0].text).toBe("a\ufffdb\ufffdc\\u0000");
    expect(toText(null)).toBe(null);
  });
});
