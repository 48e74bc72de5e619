import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashOf, parseRoute, type Route, THREAD_VIEWS } from "../../src/control-room/route.ts";

const text = fc.string({ unit: "grapheme", maxLength: 30 });
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.record({
    page: fc.constant("threads" as const),
    q: text,
    status: fc.constantFrom("", "running", "waiting"),
    isStarting: fc.boolean(),
  }),
  fc.record({
    page: fc.constant("thread" as const),
    id: text.filter((id) => id !== ""),
    view: fc.constantFrom(...THREAD_VIEWS),
    task: fc.option(text),
  }),
  fc.constant({ page: "inbox" as const }),
);

describe("the address of the page", () => {
  it("holds the whole route, whatever is typed into a search or a task is called", () => {
    fc.assert(
      fc.property(route, (one) => {
        expect(parseRoute(hashOf(one))).toEqual(one);
      }),
    );
  });

  it("leads to the list of threads when it says nothing that is known", () => {
    const threads = { page: "threads", q: "", status: "", isStarting: false };
    for (const hash of ["", "#", "#/", "#/nowhere", "#/%E0%A4%A", "#/threads/"]) {
      expect(parseRoute(hash)).toEqual(threads);
    }
  });

  it("leads to a thread's graph when its view is unknown", () => {
    expect(parseRoute("#/threads/abc/cellar")).toEqual({
      page: "thread",
      id: "abc",
      view: "graph",
      task: null,
    });
  });

  it("is read from any text without an error", () => {
    fc.assert(
      fc.property(fc.string(), (hash) => {
        expect(parseRoute(hash).page).toMatch(/^(threads?|inbox)$/);
      }),
    );
  });
});
