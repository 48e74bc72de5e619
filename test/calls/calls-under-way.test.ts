import { expect, it } from "vitest";
import { CallsUnderWay } from "../../src/calls/calls-under-way.ts";

const { signal } = new AbortController();
const never = () => Promise.reject(new Error("It was asked again."));

/** Room for so many calls, as the ledger has it. */
function room(free: number) {
  const budget = { free };
  const ask = async () => {
    if (budget.free === 0) return undefined;
    budget.free -= 1;
    return "room";
  };
  return { budget, ask };
}

it("a call finds room, and there is none left to wait for when it is alone without any", async () => {
  expect(await new CallsUnderWay().findRoom(room(1).ask, signal)).toBe("room");
  expect(await new CallsUnderWay().findRoom(room(0).ask, signal)).toBeUndefined();
});

it("a call without room waits for those that are reserved, and looks again when one is settled", async () => {
  const underWay = new CallsUnderWay();
  const { budget, ask } = room(1);
  await underWay.findRoom(ask, signal);
  let isOver = false;
  const waiting = underWay.findRoom(ask, signal).finally(() => {
    isOver = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  budget.free += 1;
  underWay.settle();
  expect(await waiting).toBe("room");
  underWay.settle();
  expect(await underWay.findRoom(ask, signal)).toBeUndefined();
});

it("calls that all find none give up together: nobody waits for one that waits as well", async () => {
  const underWay = new CallsUnderWay();
  const { ask } = room(0);
  const all = [1, 2, 3].map(() => underWay.findRoom(ask, signal));
  expect(await Promise.all(all)).toEqual([undefined, undefined, undefined]);
});

it("a look that began before a call was settled is not the last one", async () => {
  const underWay = new CallsUnderWay();
  const { budget, ask } = room(1);
  await underWay.findRoom(ask, signal);
  const answers = [
    async () => {
      underWay.settle();
      budget.free += 1;
      return undefined;
    },
    ask,
  ];
  expect(await underWay.findRoom(() => (answers.shift() ?? never)(), signal)).toBe("room");
});

it("the wait ends when the run is stopped; a look that fails counts as over", async () => {
  const underWay = new CallsUnderWay();
  const { ask } = room(1);
  await underWay.findRoom(ask, signal);
  const controller = new AbortController();
  const waiting = underWay.findRoom(ask, controller.signal);
  controller.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  await expect(underWay.findRoom(() => Promise.reject(new Error("no database")), signal)).rejects.toThrow(
    "no database",
  );
  underWay.settle();
  expect(await underWay.findRoom(ask, signal)).toBeUndefined();
});
