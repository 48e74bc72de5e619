import type { ToolSelection } from "../domain/agent.ts";

/** A file that could not be used, or a part of it, and why. */
export interface FileProblem {
  readonly file: string;
  readonly reason: string;
}

/** What came of a folder's files: the JSON of `agents check`. Plain documents are neither agents nor errors. */
export interface AgentReport {
  readonly files: number;
  readonly loaded: number;
  /** Agents whose frontmatter is not valid YAML and was read leniently. */
  readonly lenient: number;
  readonly agents: readonly {
    readonly name: string;
    readonly file: string;
    readonly model: string | null;
    readonly tools: ToolSelection;
    readonly warnings: readonly string[];
  }[];
  readonly errors: readonly FileProblem[];
  /** What is right but not used: plugins that come from elsewhere, agents that another takes the place of. */
  readonly notes?: readonly FileProblem[];
}

/** Several folders' reports as one. */
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
