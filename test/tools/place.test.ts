import { describe, expect, it } from "vitest";
import { nextToolStep } from "../../src/attempts/tool-step.ts";
import type { ToolCall } from "../../src/domain/tool-call.ts";
import { UNCONFINED } from "../../src/processes/confinement.ts";
import { bashTool } from "../../src/tools/builtin/bash.ts";
import { placeOf } from "../../src/tools/place.ts";

const sandbox = { name: "box", wrap: () => ({ command: "", parameters: [] }) };

describe("where a call's process runs", () => {
  it("is said for commands, servers and own tools", () => {
    const boxed = { ...UNCONFINED, sandbox, network: "none" } as const;
    expect(placeOf("Bash", boxed)).toBe("in a sandbox, without network");
    expect(placeOf("Bash", { ...boxed, network: "shared" })).toBe("in a sandbox, with network");
    expect(placeOf("mcp__bank__charge", boxed)).toBe("in a sandbox, with network");
    expect(placeOf("Bash", UNCONFINED)).toBe("not sandboxed: with all your rights");
    expect(placeOf("Write", boxed)).toBeUndefined();
  });

  it("is a promise: a call that was allowed in a sandbox does not run without one", () => {
    const call = { toolUseId: "c", name: "Bash", input: { command: "true" }, position: 0 };
    const stepFor = (decision: object, isSandboxed: boolean) => {
      const known = {
        ...call,
        status: "asked",
        shown: null,
        isError: false,
        decision,
      } as unknown as ToolCall;
      return nextToolStep(
        { tools: [bashTool], mustAsk: () => true, whyForbidden: () => undefined, isSandboxed },
        call,
        known,
      );
    };
    const decision = { type: "approve", runs: "in a sandbox, without network" };
    expect(stepFor(decision, true)).toMatchObject({ kind: "run" });
    expect(stepFor(decision, false)).toMatchObject({
      kind: "end",
      end: { status: "failed", result: expect.stringContaining("there is no sandbox here now") },
    });
    expect(stepFor({ type: "approve", runs: "not sandboxed: with all your rights" }, false)).toMatchObject({
      kind: "run",
    });
  });
});
