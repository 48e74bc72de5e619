import { expect, it } from "vitest";
import { withDriverWarnings } from "../../src/agents/driver-warnings.ts";
import { loadFolder } from "../../src/agents/load-files.ts";
import { DRIVERS } from "../../src/drivers/drivers.ts";
import { folderWith } from "../support/agent-files.ts";

async function load(frontmatter: string) {
  const folder = await folderWith({ "a.md": `---\nname: a\ndescription: x\n${frontmatter}\n---\nWork.\n` });
  const { agents, report } = withDriverWarnings(await loadFolder(folder, "flag"), DRIVERS);
  return { settings: agents[0]?.settings, warnings: report.agents[0]?.warnings };
}

const SETTINGS = "skills: a\nbackground: true\neffort: low\npermissionMode: plan\nmaxTurns: 3";

it("a setting that the agent's driver does not honour is named, with the drivers that do", async () => {
  expect((await load(SETTINGS)).warnings).toEqual([
    "kept, but without effect here: skills, background",
    "used only by other executors: permissionMode (executor claude-code), effort (executor claude-code)",
  ]);
  expect((await load(`${SETTINGS}\nexecutor: claude-code\nmcpServers: db`)).warnings).toEqual([
    "kept, but without effect here: skills, background",
    "used only by other executors: mcpServers (executor messages)",
  ]);
});

it("an executor that there is not is ignored, by name and with those that there are", async () => {
  const { settings, warnings } = await load("executor: cobol");
  expect(settings).toEqual({});
  expect(warnings).toEqual(['"executor" is ignored: it must be one of messages, claude-code, not "cobol"']);
});
