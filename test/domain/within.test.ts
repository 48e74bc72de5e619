import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { TimeLimitError, within } from "../../src/domain/within.ts";

const never = () => new Promise<never>(() => undefined);

it("what answers in time is what comes back, and nothing stays with the signal", async () => {
  const { signal } = new AbortController();
  await expect(within(60_000, signal, () => Promise.resolve("done"))).resolves.toBe("done");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

it("what does not answer is stopped at the limit, whether it obeys or not", async () => {
  let own: AbortSignal | undefined;
  const given = within(1, new AbortController().signal, (signal) => {
    own = signal;
    return never();
  });
  await expect(given).rejects.toThrow(new TimeLimitError("did not answer within 0.001 s"));
  expect(own?.aborted).toBe(true);
});

it("a signal that aborts ends the wait with its reason; one that was aborted begins nothing", async () => {
  const controller = new AbortController();
  const given = within(60_000, controller.signal, never);
  controller.abort(new Error("stopped"));
  await expect(given).rejects.toThrow("stopped");
  await expect(within(60_000, controller.signal, () => Promise.resolve("begun"))).rejects.toThrow("stopped");
});
