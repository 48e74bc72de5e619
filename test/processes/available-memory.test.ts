import { totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import { availableMemoryMb, reclaimableMbOf } from "../../src/processes/available-memory.ts";

const VM_STAT = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               12800.
Pages active:                            364012.
Pages inactive:                           64000.
Pages speculative:                          640.
Pages throttled:                              0.
Pages wired down:                        128512.
Pages purgeable:                            320.
"Translation faults":                4242424242.
`;

describe("available memory", () => {
  it("is some of this machine's, and no more than it has", async () => {
    const mb = await availableMemoryMb();
    expect(mb).toBeGreaterThan(50);
    expect(mb).toBeLessThanOrEqual(totalmem() / 1024 / 1024);
  });

  it("is on macOS what is free or can be had at once", () => {
    expect(reclaimableMbOf(VM_STAT)).toBe(((12_800 + 64_000 + 640 + 320) * 16) / 1024);
    expect(reclaimableMbOf("")).toBe(0);
  });
});
