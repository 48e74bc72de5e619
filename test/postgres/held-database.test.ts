import { describe, expect, it } from "vitest";
import { recordKnownCost } from "../../src/postgres/claude-calls/unknown-costs.ts";
import { heldDatabase } from "../../src/postgres/held-database.ts";
import { useTestDatabase } from "../support/database.ts";

describe("a run's database", () => {
  const database = useTestDatabase();

  it("owes nothing for what calls under way may have cost: buying never waits for that", async () => {
    const held = heldDatabase(database(), { signal: new AbortController().signal });
    await database().pool.query(`
      CREATE FUNCTION meet_trouble() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '55P03'; END $$;
      CREATE TRIGGER meet_trouble BEFORE UPDATE ON claude_calls FOR EACH STATEMENT EXECUTE FUNCTION meet_trouble()`);

    await expect(recordKnownCost(held, { id: "1", knownUsd: 0.1 })).rejects.toThrow("trouble");

    expect(database().owed.isClear).toBe(true);
  });
});
