import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openSession } from "../../../src/drivers/claude-code/session.ts";
import { folderWith } from "../../support/agent-files.ts";

const TASK = { threadId: "t", executionId: "e", taskId: "a" };

describe("the session of an attempt", () => {
  it("has an id that follows from the attempt, a UUID, and another one for each attempt", async () => {
    const folder = await folderWith({});
    const { id, isKnown } = await openSession(folder, TASK, 1);

    expect(z.uuid().safeParse(id).success).toBe(true);
    expect(isKnown).toBe(false);
    expect((await openSession(folder, TASK, 1)).id).toBe(id);
    const others = [openSession(folder, TASK, 2), openSession(folder, { ...TASK, executionId: "f" }, 1)];
    expect((await Promise.all(others)).map((other) => other.id)).not.toContain(id);
  });

  it("is known when Claude Code has begun it here", async () => {
    const folder = await folderWith({});
    const { id, configFolder } = await openSession(folder, TASK, 1);
    await mkdir(join(configFolder, "projects", "-some-folder"));
    await writeFile(join(configFolder, "projects", "-some-folder", `${id}.jsonl`), "");

    expect((await openSession(folder, TASK, 1)).isKnown).toBe(true);
    expect((await openSession(folder, TASK, 2)).isKnown).toBe(false);
  });
});
