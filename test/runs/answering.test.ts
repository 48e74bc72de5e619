import { expect, it } from "vitest";
import { parseConfig } from "../../src/domain/config.ts";
import { UsageError } from "../../src/domain/errors.ts";
import type { Thread } from "../../src/domain/thread.ts";
import { createServices } from "../../src/runs/answering.ts";
import { startSimulator } from "../../src/simulator/server.ts";

const thread = (simulated: boolean): Thread => ({
  id: "t",
  graph: "g",
  status: "running",
  input: "",
  options: {},
  output: null,
  error: null,
  simulated,
  budgetUsd: 1,
  createdAt: "",
  updatedAt: "",
  endedAt: null,
});

it("a thread that began with Claude is never answered by the simulator, nor the other way round", async () => {
  let started = 0;
  const simulator = () => {
    started += 1;
    return startSimulator({});
  };
  const without = createServices(parseConfig({}), simulator);
  await expect(without.for(thread(false))).rejects.toThrow(UsageError);
  await expect(without.for(thread(false))).rejects.toThrow("set ANTHROPIC_API_KEY");
  expect(started).toBe(0);
  const services = createServices(parseConfig({ ANTHROPIC_API_KEY: "k" }), simulator);
  const [real, simulated] = [await services.for(thread(false)), await services.for(thread(true))];
  expect(real).not.toBe(simulated);
  expect(await services.for(thread(false))).toBe(real);
  expect(await services.for(thread(true))).toBe(simulated);
  expect(started).toBe(1);
  await services.close();
  await without.close();
});
