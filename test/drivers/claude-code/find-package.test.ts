import { describe, expect, it } from "vitest";
import { findPackage, installedVersion } from "../../../src/drivers/claude-code/find-package.ts";
import { folderWith } from "../../support/agent-files.ts";

const INSTALLED = {
  "node_modules/@anthropic-ai/claude-agent-sdk/package.json":
    '{"name":"x","version":"1.2.3","exports":"./sdk.mjs"}',
  "node_modules/@anthropic-ai/claude-agent-sdk/sdk.mjs": "",
};

describe("Claude Code's package", () => {
  it("is found in the folder that a setting names, else in the first of the others that has it", async () => {
    const [empty, first, second] = await Promise.all([
      folderWith({}),
      folderWith(INSTALLED),
      folderWith(INSTALLED),
    ]);
    expect(findPackage(second, [first])).toContain(second);
    expect(findPackage(undefined, [empty, first, second])).toContain(first);
    expect(await installedVersion(second, [empty])).toBe("1.2.3");
    expect(await installedVersion(empty, [first])).toBeUndefined();
  });

  it("that is missing is asked for in a sentence with the command that installs it", async () => {
    const empty = await folderWith({});
    expect(() => findPackage(undefined, [empty])).toThrow(
      `npm install --no-save --prefix ${empty} @anthropic-ai/claude-agent-sdk@0.3.330, or name its folder in CLAUDE_AGENT_SDK.`,
    );
    const installed = await folderWith(INSTALLED);
    expect(() => findPackage(empty, [installed])).toThrow(`is not in ${empty}. Install it: npm install`);
  });
});
