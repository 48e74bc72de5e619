import { describe, expect, it } from "vitest";
import { Feed, type FeedEvent, type FeedItem } from "../../src/server/feed.ts";

const item = (event: string, key: string, data: unknown): FeedItem => ({ event, key, data });

/** A feed over a list that a test changes; `looks` counts how often it was looked at. */
function feedOf(items: FeedItem[], isWhole = true) {
  const state = { items, looks: 0, idle: 0 };
  const feed = new Feed(
    () => {
      state.looks += 1;
      return Promise.resolve(state.items);
    },
    isWhole,
    () => {
      state.idle += 1;
    },
  );
  return { feed, state };
}

function reader(feed: Feed, lastEventId?: string) {
  const ended = new AbortController();
  const events = feed.read(lastEventId, ended.signal);
  return { next: async () => (await events.next()).value as FeedEvent, end: () => ended.abort(), events };
}

describe("a live feed", () => {
  it("tells first how everything stands, then only what has changed", async () => {
    const { feed, state } = feedOf([item("thread", "t", 1), item("tasks", "a", 1), item("tasks", "b", 1)]);
    const one = reader(feed);

    expect(await one.next()).toEqual({ event: "thread", data: [1] });
    expect(await one.next()).toEqual({ event: "tasks", data: [1, 1], id: expect.any(String) });
    state.items = [item("thread", "t", 1), item("tasks", "a", 1), item("tasks", "b", 2)];
    expect(await one.next()).toEqual({ event: "tasks", data: [2], id: expect.any(String) });
    one.end();
    expect((await one.events.next()).done).toBe(true);
  });

  it("is looked at once for all its readers, and not at all for none", async () => {
    const { feed, state } = feedOf([item("tasks", "a", 0)]);
    const readers = Array.from({ length: 50 }, () => reader(feed));
    await Promise.all(readers.map(({ next }) => next()));
    for (let version = 1; version <= 3; version++) {
      state.items = [item("tasks", "a", version)];
      const told = await Promise.all(readers.map(({ next }) => next()));
      expect(new Set(told.map(({ data }) => data[0]))).toEqual(new Set([version]));
    }
    expect(state.looks).toBeLessThanOrEqual(8);
    for (const { end, events } of readers) {
      end();
      await events.next();
    }
    const { looks } = state;
    const late = reader(feed);
    expect(await late.next()).toMatchObject({ data: [3] });
    expect(state.looks).toBeLessThanOrEqual(looks + 1);
    late.end();
  });

  it("keeps nothing for a reader that is slow: it is told the latest state only", async () => {
    const { feed, state } = feedOf([item("tasks", "a", 0)]);
    const slow = reader(feed);
    const quick = reader(feed);
    await Promise.all([slow.next(), quick.next()]);
    for (let version = 1; version <= 3; version++) {
      state.items = [item("tasks", "a", version)];
      await quick.next();
    }
    expect(await slow.next()).toMatchObject({ data: [3] });
    slow.end();
    quick.end();
  });

  it("goes on after the last event that a reader was told, and from the start for an id it does not know", async () => {
    const { feed, state } = feedOf([item("tasks", "a", 1), item("tasks", "b", 1)]);
    const first = reader(feed);
    const { id } = await first.next();
    first.end();
    await first.events.next();
    state.items = [item("tasks", "a", 1), item("tasks", "b", 2)];

    const again = reader(feed, id);
    expect(await again.next()).toMatchObject({ data: [2] });
    const stranger = reader(feed, "somebody-else.1");
    expect(await stranger.next()).toMatchObject({ data: [1, 2] });
    again.end();
    stranger.end();
  });

  it("says so when things that were told are no more, and tells everything anew", async () => {
    const { feed, state } = feedOf([item("tasks", "a", 1), item("tasks", "b", 1)]);
    const one = reader(feed);
    await one.next();
    state.items = [item("tasks", "b", 1), item("tasks", "c", 1)];

    expect(await one.next()).toEqual({ event: "reset", data: [] });
    expect(await one.next()).toMatchObject({ event: "tasks", data: [1, 1] });
    one.end();
  });

  it("ends for every reader when it can no longer be looked at, and begins again for who comes back", async () => {
    let isBroken = true;
    const look = () =>
      isBroken ? Promise.reject(new Error("no database")) : Promise.resolve([item("x", "a", 1)]);
    const feed = new Feed(look, true, () => undefined);
    await expect(reader(feed).next()).rejects.toThrow("no database");
    isBroken = false;
    const back = reader(feed);
    expect(await back.next()).toMatchObject({ data: [1] });
    back.end();
  });
});
