import { expect, it } from "vitest";
import type { DriverDescriptor } from "../../src/attempts/driver.ts";
import { DRIVERS } from "../../src/drivers/drivers.ts";
import { createDecurion } from "../../src/index.ts";
import { testDatabaseUrl, useTestSchema } from "../support/database.ts";
import { sourceFiles, withoutComments } from "../support/sources.ts";

const schema = useTestSchema();

/** All that a new driver is: this, in a file of its own, and one entry in the list. */
const echo: DriverDescriptor = {
  name: "echo",
  label: "Echo",
  honours: ["executor"],
  usesOurTools: false,
  open: () => async (request) => ({
    isDone: true,
    result: { summary: "echoed", output: request.prompt, confidence: 1, emotionalState: {} },
  }),
};

it("a driver that is added to the list makes the attempts of a run that chooses it", async () => {
  const decurion = createDecurion({
    env: { DATABASE_SCHEMA: schema },
    database: testDatabaseUrl(),
    drivers: [echo],
  });
  try {
    const task = { agent: "sydney-coder", prompt: "Say it." };
    const report = await decurion.runTask({ ...task, options: { executor: "echo" } });

    expect(report.status).toBe("completed");
    expect(report.tasks[0]?.output).toBe("Say it.");
    expect(report.calls.paid).toBe(0);
    const other = decurion.runTask({ ...task, options: { executor: "ecko" } });
    await expect(other).rejects.toThrow(
      '--executor must be messages, claude-code, echo or simulated, not "ecko".',
    );
  } finally {
    await decurion.close();
  }
});

it("nothing outside a driver's folder names it but the list, and the default", () => {
  const naming = sourceFiles("src")
    .flatMap((source) => {
      const text = withoutComments(source.text);
      return DRIVERS.filter(({ name }) => name !== "messages" && text.includes(name)).map(
        ({ name }) => `${source.file} names ${name}`,
      );
    })
    .filter((line) => !/^src\/drivers\/([\w-]+)\/.* names \1$/.test(line));
  expect(naming).toEqual(["src/drivers/drivers.ts names claude-code"]);
});
