import { describe, expect, it } from "vitest";
import { judgeVersion } from "../../src/drivers/claude-code/check-up.ts";
import { judgeDisk, judgeMemory, judgeNode, judgePackages, judgeScratch } from "../../src/runs/findings.ts";

const GB = 1024 ** 3;

describe("judgeNode", () => {
  it.each(["20.19.0", "20.20.2", "22.0.0", "24.1.3"])("takes %s", (version) => {
    expect(judgeNode(version)).toEqual({ topic: "Node", level: "fine", says: version });
  });

  it.each(["20.18.9", "18.20.4", "0.12.0"])("refuses %s and says what to do", (version) => {
    expect(judgeNode(version)).toMatchObject({ level: "broken", fix: expect.stringContaining("20.19") });
  });
});

describe("judgeMemory", () => {
  it("says how many agents with tools fit", () => {
    expect(judgeMemory(16 * 1024, 800, 10)).toEqual({
      topic: "memory",
      level: "fine",
      says: "16.0 GB available: 20 agents with tools at 800 MB each",
    });
  });

  it("doubts when fewer fit than run at once, and names a number that does", () => {
    const finding = judgeMemory(4 * 1024, 800, 8);
    expect(finding.level).toBe("doubtful");
    expect(finding.fix).toContain("--parallel 4");
  });

  it("calls it broken when not even one fits", () => {
    expect(judgeMemory(512, 800, 8)).toMatchObject({
      level: "broken",
      fix: expect.stringContaining("--parallel 1 "),
    });
  });
});

describe("judgeScratch", () => {
  it("wants 3 GB, and prints the command that gives them", () => {
    expect(judgeScratch("/dev/shm", 64 * 1024 ** 2, 60 * 1024 ** 2)).toEqual({
      topic: "/dev/shm",
      level: "doubtful",
      says: "60 MB free of 64 MB, many agents need 3 GB",
      fix: "sudo mount -o remount,size=3G /dev/shm",
    });
  });

  it("asks for room where the place is large but full", () => {
    expect(judgeScratch("/tmp", 100 * GB, GB).fix).toBe("make room in /tmp: many agents need 3 GB");
  });

  it("is content with enough, and where there is no such place", () => {
    expect(judgeScratch("/tmp", 4 * GB, 3 * GB).level).toBe("fine");
    expect(judgeScratch("/dev/shm", undefined, 0)).toMatchObject({
      level: "fine",
      says: "not on this system",
    });
  });
});

describe("judgeDisk", () => {
  it("doubts below a gigabyte", () => {
    expect(judgeDisk("/x", 2 * GB)).toEqual({ topic: "disk", level: "fine", says: "2.0 GB free in /x" });
    expect(judgeDisk("/x", GB - 1)).toMatchObject({
      level: "doubtful",
      fix: expect.stringContaining("prune"),
    });
  });
});

describe("judgePackages", () => {
  it.each(["1.4.0", "1.4.1", "1.10.0", "1.5.0-beta.1"])("takes %s for ^1.4.0", (installed) => {
    expect(judgePackages([{ name: "a", wanted: "^1.4.0", installed }])).toMatchObject({ level: "fine" });
  });

  it.each(["1.3.9", "0.9.0", "2.0.0", undefined])("does not take %s for ^1.4.0", (installed) => {
    expect(judgePackages([{ name: "a", wanted: "^1.4.0", installed }])).toMatchObject({ level: "broken" });
  });

  it("names every package that is missing or of another version than pinned", () => {
    const pins = [
      { name: "a", wanted: "1.0.0", installed: "1.0.0" },
      { name: "b", wanted: "1.0.0", installed: "1.2.0" },
      { name: "c", wanted: "2.0.0", installed: undefined },
    ];
    expect(judgePackages(pins.slice(0, 1))).toMatchObject({ level: "fine" });
    expect(judgePackages(pins)).toEqual({
      topic: "packages",
      level: "broken",
      fix: "npm install b@1.0.0 c@2.0.0",
      says: "b 1.2.0 instead of 1.0.0, c missing instead of 2.0.0",
    });
  });
});

describe("Claude Code", () => {
  it.each([
    [undefined, "fine", /not installed; only --executor claude-code needs it/],
    ["0.3.330", "fine", /0\.3\.330, the tested version/],
    ["0.3.400", "doubtful", /0\.3\.400, but 0\.3\.330 is tested/],
  ])("%s is %s", (installed, level, says) => {
    expect(judgeVersion(installed, "0.3.330")).toMatchObject({ level, says: expect.stringMatching(says) });
  });
});
