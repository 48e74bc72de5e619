import { describe, expect, it } from "vitest";
import { mergeById, mergeRows } from "../../../src/control-room/data/merge.ts";
import { aThread, instant, rowOf } from "../../support/control-room/data.ts";

const row = (number: number, changes: Parameters<typeof aThread>[1] = {}) =>
  rowOf({ thread: aThread(number, changes), tasks: [], requests: [] });
const ANY = { q: "", status: "" };

describe("a list that changes", () => {
  it("keeps its order: what changed stays in its place and what is new comes last", () => {
    const list = [
      { id: "a", is: 1 },
      { id: "b", is: 1 },
    ];
    const changes = [
      { id: "c", is: 2 },
      { id: "a", is: 2 },
    ];
    expect(mergeById(list, changes)).toEqual([
      { id: "a", is: 2 },
      { id: "b", is: 1 },
      { id: "c", is: 2 },
    ]);
  });

  it("keeps what did not change as the very same objects, and itself when nothing did", () => {
    const list = [{ id: "a" }, { id: "b" }];
    expect(mergeById(list, [{ id: "b" }])[0]).toBe(list[0]);
    expect(mergeById(list, [])).toBe(list);
  });
});

describe("threads that change", () => {
  it("stay where they are although they no longer fit the filter", () => {
    const rows = [row(1, { status: "running" }), row(2, { status: "running" })];
    const merged = mergeRows(rows, [row(2, { status: "completed" })], { q: "", status: "running" });
    expect(merged.map(({ status }) => status)).toEqual(["running", "completed"]);
  });

  it("come first when they are new, the newest of them on top", () => {
    const changes = [row(7, { createdAt: instant(10) }), row(8, { createdAt: instant(20) })];
    expect(mergeRows([row(1)], changes, ANY).map(({ id }) => id)).toEqual([row(8).id, row(7).id, row(1).id]);
  });

  it("are left out when they are older than what is shown, or do not fit", () => {
    const fitting = row(7, { createdAt: instant(10), input: "Count the SHEEP" });
    const changes = [row(50), row(8, { createdAt: instant(20) }), fitting];
    const merged = mergeRows([row(1)], changes, { q: " sheep ", status: "completed" });
    expect(merged.map(({ id }) => id)).toEqual([fitting.id, row(1).id]);
  });
});
