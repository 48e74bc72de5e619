import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestMatches, type Candidate, createRouter } from "../../src/agents/route.ts";

const AGENTS: readonly Candidate[] = [
  {
    name: "sydney-coder",
    description:
      "Writes and changes code. Use it to implement a feature, fix a bug, refactor. Not for reviews alone.",
  },
  { name: "sydney-research", description: "Finds out and reports facts with their sources." },
  { name: "sydney-validator", description: "Checks the results of others: reviews code, tests claims." },
  { name: "database-admin", description: "PostgreSQL: schemas, queries, indexes, backups." },
  { name: "powershell-5.1-expert", description: "Windows automation scripts." },
  { name: "übersetzer", description: "Übersetzt Texte ins Deutsche." },
];

describe("bestMatches", () => {
  it("ranks as a router chooses, best first, equals by name, and no more than are wanted", () => {
    const text = "Review the PostgreSQL schema";
    const all = bestMatches(AGENTS, text, 99);
    expect(all.slice(0, 2)).toEqual(["database-admin", "sydney-validator"]);
    expect(all.slice(2)).toEqual(all.slice(2).toSorted());
    expect(all).toHaveLength(AGENTS.length);
    expect(bestMatches(AGENTS, text, 1)).toEqual([createRouter(AGENTS)(text)]);
    expect(bestMatches([], text, 5)).toEqual([]);
  });
});

describe("a router", () => {
  const route = createRouter(AGENTS);

  it.each([
    ["Implement the login feature and fix what breaks", "sydney-coder"],
    ["Review this code", "sydney-validator"],
    ["reviewing: are these claims true?", "sydney-validator"],
    ["Why is this PostgreSQL query slow? Add an index.", "database-admin"],
    ["Research the sources of the Rhine", "sydney-research"],
    ["Write a script that automates Windows updates", "powershell-5.1-expert"],
    ["PowerShell one-liner please", "powershell-5.1-expert"],
    ["Bitte übersetze diese Texte", "übersetzer"],
  ])("gives %j to %s", (text, agent) => {
    expect(route(text)).toBe(agent);
  });

  it("counts a rare word more than one that many descriptions have", () => {
    const many = ["a", "b", "c"].map((name) => ({ name, description: "Works with data in tables." }));
    const rare = { name: "z", description: "Works with data in tables and knows Fortran." };
    expect(createRouter([...many, rare])("data tables in Fortran")).toBe("z");
  });

  it("counts copies of one agent once, so that its words stay rare", () => {
    const copies = ["a", "b", "c", "d"].map((plugin) => ({
      name: `${plugin}:cook`,
      description: "Cooks soup with lentils.",
    }));
    const waiter = { name: "waiter", description: "Serves guests at the table, brings menus." };
    const host = { name: "host", description: "Welcomes guests, brings them to the table, with menus." };
    expect(createRouter([...copies, waiter, host])("bring lentils")).toBe("a:cook");
    expect(bestMatches([...copies, waiter], "lentils", 4)).toEqual(copies.map(({ name }) => name));
  });

  it("takes the first by name of equals, and where nothing fits", () => {
    const equals = ["beta", "alpha", "gamma"].map((name) => ({ name, description: "Cooks soup." }));
    expect(createRouter(equals)("cook a soup")).toBe("alpha");
    expect(createRouter(equals)("")).toBe("alpha");
    expect(createRouter(equals)("quantum chromodynamics")).toBe("alpha");
  });

  it("has nobody to give it to without candidates", () => {
    expect(createRouter([])("anything")).toBeUndefined();
  });

  it("says the same of the same text whatever the order of the agents, and always one of them", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 60 });
    const candidates = fc.uniqueArray(fc.record({ name: text, description: text }), {
      selector: ({ name }) => name,
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(candidates, text, (agents, asked) => {
        const chosen = createRouter(agents)(asked);
        expect(agents.map(({ name }) => name)).toContain(chosen);
        expect(createRouter(agents.toReversed())(asked)).toBe(chosen);
      }),
    );
  });

  it("reads no more than the beginning of a long text", () => {
    expect(route(`Review this code.\n${"PostgreSQL index query. ".repeat(10_000)}`)).toBeDefined();
    expect(route(`${"x ".repeat(2000)} postgresql`)).toBe(route(""));
  });
});
