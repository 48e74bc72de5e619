import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LockedFile, planInstall } from "../../../src/agents/install/install-plan.ts";

const OURS = "/source";
const plan = (
  wanted: Record<string, string>,
  present: Record<string, string> = {},
  locked: Record<string, LockedFile> = {},
) =>
  planInstall({
    source: OURS,
    wanted: new Map(Object.entries(wanted)),
    present: new Map(Object.entries(present)),
    locked: new Map(Object.entries(locked)),
  });
const lock = (sha256: string, source = OURS) => ({ sha256, source });

describe("planInstall", () => {
  it("adds what is not there, updates what has changed, removes what is gone, leaves the rest", () => {
    const locked = { "same.md": lock("1"), "new.md": lock("1"), "gone.md": lock("1"), "lost.md": lock("1") };
    const present = { "same.md": "1", "new.md": "1", "gone.md": "1", "mine.md": "9" };
    expect(plan({ "b.md": "1", "a.md": "1", "same.md": "1", "new.md": "2" }, present, locked)).toEqual({
      added: ["a.md", "b.md"],
      updated: ["new.md"],
      removed: ["gone.md"],
      unchanged: ["same.md"],
      conflicts: [],
    });
  });

  it.each([
    ["written by hand", { "a.md": "hand" }, {}, "was written by hand"],
    ["edited", { "a.md": "hand" }, { "a.md": lock("1") }, "was edited since it was installed"],
    ["another's", { "a.md": "1" }, { "a.md": lock("1", "/other") }, "was installed from /other"],
  ])("is in conflict about a file that is %s", (_, present, locked, reason) => {
    expect(plan({ "a.md": "2" }, present, locked)).toMatchObject({ conflicts: [{ path: "a.md", reason }] });
  });

  it("is in conflict about a file that would be removed though it was edited, and not about others' files", () => {
    const locked = { "a.md": lock("1"), "b.md": lock("1", "/other") };
    expect(plan({}, { "a.md": "hand", "b.md": "1" }, locked)).toMatchObject({
      removed: ["a.md"],
      conflicts: [{ path: "a.md", reason: "was edited since it was installed" }],
    });
  });

  it("takes a file that is there with the same content for its own", () => {
    expect(plan({ "a.md": "1" }, { "a.md": "1" }, {})).toMatchObject({ unchanged: ["a.md"], conflicts: [] });
  });

  it("never loses without a conflict what is not as this source left it, and names each file once", () => {
    const path = fc.constantFrom("a.md", "b.md", "c.md", "d/e.md");
    const sha256 = fc.constantFrom("1", "2", "3");
    const source = fc.constantFrom(OURS, "/other");
    const files = fc.dictionary(path, sha256);
    const locks = fc.dictionary(path, fc.record({ sha256, source }));
    fc.assert(
      fc.property(files, files, locks, (wanted, present, locked) => {
        const { conflicts, added, updated, removed, unchanged } = plan(wanted, present, locked);
        const all = [...added, ...updated, ...removed, ...unchanged];
        expect(new Set(all).size).toBe(all.length);
        expect([...added, ...updated, ...unchanged].sort()).toEqual(Object.keys(wanted).sort());
        const known = new Set(conflicts.map((conflict) => conflict.path));
        for (const one of [...updated, ...removed]) {
          const isOurs = locked[one]?.source === OURS && locked[one]?.sha256 === present[one];
          expect(known.has(one)).toBe(!isOurs);
        }
      }),
    );
  });
});
