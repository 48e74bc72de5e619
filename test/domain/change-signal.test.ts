import { describe, expect, it } from "vitest";
import { ChangeSignal } from "../../src/domain/change-signal.ts";

const never = new AbortController().signal;

describe("ChangeSignal", () => {
  it("wakes everybody who waits for something after the version they saw", async () => {
    const news = new ChangeSignal();
    const waiting = [news.after(news.version, never), news.after(news.version, never)];

    news.announce();

    await expect(Promise.all(waiting)).resolves.toBeDefined();
  });

  it("does not miss what happened between looking and waiting", async () => {
    const news = new ChangeSignal();
    const seen = news.version;
    news.announce();

    await expect(news.after(seen, never)).resolves.toBeUndefined();
  });

  it("ends the waiting when the run is stopped, before and while it waits", async () => {
    const news = new ChangeSignal();
    const controller = new AbortController();
    const waiting = news.after(news.version, controller.signal);
    controller.abort(new Error("stopped"));

    await expect(waiting).rejects.toThrow("stopped");
    await expect(news.after(news.version, controller.signal)).rejects.toThrow("stopped");
    news.announce(); // Nobody is left who could be woken twice.
  });
});
