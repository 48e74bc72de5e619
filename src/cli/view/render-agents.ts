import type { Installed } from "../../agents/install/install-agents.ts";
import type { AgentReport } from "../../agents/report.ts";
import type { AgentDefinition, ToolSelection } from "../../domain/agent.ts";
import { renderPlural } from "../../format/amounts.ts";
import { clip } from "../../format/text.ts";
import { manyLines, oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter } from "./paint.ts";
import type { RenderOptions } from "./render-options.ts";
import { renderTable, type TableColumn } from "./table.ts";

/** The most characters of one setting: hooks and servers may be long. */
const SETTING_CHARACTERS = 200;
const COLUMNS: readonly TableColumn[] = [
  { head: "agent", max: 32 },
  { head: "model", max: 20 },
  { head: "from", optional: true },
  { head: "tools", max: 32, optional: true },
  { head: "use it for" },
];

/** The agents, one a line. */
export function renderAgents(agents: readonly AgentDefinition[], options: RenderOptions): string {
  if (agents.length === 0) {
    return "There are no agents. Put Markdown files with a name and a prompt into .claude/agents.";
  }
  const rows = agents.map(({ name, model, tools, source, description }) => [
    { text: name, tone: "bold" as const },
    model ?? "any",
    source.scope,
    renderTools(tools),
    description,
  ]);
  return renderTable(COLUMNS, rows, options);
}

/** One agent: its settings and its whole prompt. */
export function renderAgent(agent: AgentDefinition, options: RenderOptions): string {
  const { name, description, model, tools, disallowedTools, settings, source, warnings, prompt } = agent;
  const paint = createPainter(options.color);
  const facts = [
    ["model", model ?? "any (the run's model)"],
    ["tools", renderTools(tools)],
    ...(disallowedTools.length > 0 ? [["without", disallowedTools.join(", ")]] : []),
    ...Object.entries(settings).map(([key, value]) => [key, renderSetting(value)]),
    ["from", `${source.scope}: ${source.file}`],
  ].map(([head = "", text = ""]) => [{ text: head, tone: "dim" as const }, text]);
  const bare: readonly TableColumn[] = [{ head: "" }, { head: "" }];
  return [
    paint("bold", oneLine(name)),
    ...(description === "" ? [] : wrapToWidth(manyLines(description), options.columns)),
    renderTable(bare, facts, { ...options, columns: Number.POSITIVE_INFINITY }),
    ...warnings.map((warning) => paint("yellow", `! ${oneLine(warning)}`)),
    "",
    ...wrapToWidth(manyLines(prompt), options.columns),
  ].join("\n");
}

function renderSetting(value: unknown): string {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return clip(oneLine(text), SETTING_CHARACTERS);
}

/** The findings of `agents check` in a folder. */
export function renderAgentReport(report: AgentReport, options: RenderOptions): string {
  const { files, loaded, lenient, agents, errors, notes = [] } = report;
  const paint = createPainter(options.color);
  const read = lenient > 0 ? `, ${lenient} of them with invalid YAML, read leniently` : "";
  const warned = agents.filter((agent) => agent.warnings.length > 0);
  return [
    `${renderPlural(files, "file")}: ${renderPlural(loaded, "agent")} loaded${read}.`,
    ...agents.map((agent) => `${oneLine(agent.name)}: ${renderPowers(agent)}`),
    ...errors.map(({ file, reason }) => `${paint("red", "✗")} ${oneLine(file)}: ${oneLine(reason)}`),
    ...notes.map(({ file, reason }) => `${paint("yellow", "!")} ${oneLine(file)}: ${oneLine(reason)}`),
    ...warned.flatMap(({ name, warnings }) =>
      warnings.map((warning) => `${paint("yellow", "!")} ${oneLine(name)}: ${oneLine(warning)}`),
    ),
    ...(errors.length + notes.length + warned.length === 0 && loaded > 0
      ? [paint("green", "No problems.")]
      : []),
    ...(loaded + errors.length === 0
      ? ["No agents here. An agent's file is Markdown with a name in its frontmatter."]
      : []),
  ].join("\n");
}

/** What an agent ends up with, on one line. */
function renderPowers({ model, tools, disallowedTools, settings }: AgentReport["agents"][number]): string {
  const { executor, ask, mcpServers } = settings;
  const servers = Object.entries(mcpServers ?? {}).map(([name, server]) => {
    const { command = "", args = [], url = "" } = Object(server);
    return server === null ? name : `${name} (${[command, ...[args].flat(), url].join(" ").trim()})`;
  });
  return [
    `model ${model ?? "any"}`,
    `executor ${executor ?? "any"}`,
    `tools ${renderTools(tools)}`,
    ...(disallowedTools.length > 0 ? [`without ${disallowedTools.join(", ")}`] : []),
    ...(servers.length > 0 ? [`MCP servers, once approved: ${servers.map(oneLine).join(", ")}`] : []),
    `asks ${ask ?? "as the run says"}`,
  ]
    .map((part) => clip(oneLine(part), SETTING_CHARACTERS))
    .join("; ");
}

/** The changes of an installation. */
export function renderInstalled(installed: Installed, options: RenderOptions): string {
  const { folder, added, updated, removed, unchanged, errors, notes } = installed;
  const paint = createPainter(options.color);
  const counts = [
    ...(added.length > 0 ? [`${added.length} added`] : []),
    ...(updated.length > 0 ? [`${updated.length} updated`] : []),
    ...(removed.length > 0 ? [`${removed.length} removed`] : []),
    ...(unchanged.length > 0 ? [`${unchanged.length} unchanged`] : []),
  ];
  return [
    `${counts.join(", ")} in ${oneLine(folder)}`,
    ...added.map((path) => `${paint("green", "+")} ${oneLine(path)}`),
    ...updated.map((path) => `${paint("yellow", "~")} ${oneLine(path)}`),
    ...removed.map((path) => `${paint("red", "-")} ${oneLine(path)}`),
    ...errors.map(({ file, reason }) => `${paint("red", "✗")} ${oneLine(file)}: ${oneLine(reason)}`),
    ...notes.map(({ file, reason }) => `${paint("yellow", "!")} ${oneLine(file)}: ${oneLine(reason)}`),
  ].join("\n");
}

function renderTools(tools: ToolSelection): string {
  return tools === "inherit" ? "all" : tools.join(", ");
}
