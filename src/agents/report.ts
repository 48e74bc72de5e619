import type { ToolSelection } from "../domain/agent.ts";
import type { AgentSettings } from "../domain/agent-settings.ts";

/** A file, or a part of it, that is not usable, and the reason. */
export interface FileProblem {
  readonly file: string;
  readonly reason: string;
}

/** The result for a folder's files: the JSON of `agents check`. Plain documents are neither agents nor errors. */
export interface AgentReport {
  readonly files: number;
  readonly loaded: number;
  /** Agents with invalid YAML in their frontmatter, read leniently. */
  readonly lenient: number;
  readonly agents: readonly {
    readonly name: string;
    readonly file: string;
    readonly model: string | null;
    readonly tools: ToolSelection;
    /** The rules that take tools or calls away. */
    readonly disallowedTools: readonly string[];
    /** With its MCP servers, its executor, and what asks a human. */
    readonly settings: AgentSettings;
    readonly warnings: readonly string[];
  }[];
  readonly errors: readonly FileProblem[];
  /** What is valid but not used: plugins from other sources, and agents hidden by others with the same name. */
  readonly notes?: readonly FileProblem[];
}

/** Merges the reports of several folders. */
export function mergeReports(reports: readonly AgentReport[]): AgentReport {
  const sum = (count: (report: AgentReport) => number) =>
    reports.reduce((total, report) => total + count(report), 0);
  const notes = reports.flatMap((report) => report.notes ?? []);
  return {
    files: sum((report) => report.files),
    loaded: sum((report) => report.loaded),
    lenient: sum((report) => report.lenient),
    agents: reports.flatMap((report) => report.agents),
    errors: reports.flatMap((report) => report.errors),
    ...(notes.length > 0 && { notes }),
  };
}
