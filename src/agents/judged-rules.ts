import type { SelectedTools } from "../domain/tool-list.ts";
import { parseToolRule } from "../domain/tool-rule.ts";
import { problemOfRule } from "../tools/rules/judge-call.ts";
import { isOpenEnded } from "../tools/rules/programs.ts";

/** The entries of `disallowedTools`. A rule that cannot be judged takes away its whole tool. */
export function judgedDisallowed(entries: readonly string[]): {
  readonly entries: readonly string[];
  readonly warnings: readonly string[];
} {
  const judged = entries.map((entry) => ({ entry, problem: problemOfRule(entry) }));
  const rules = judged.map(({ entry, problem }) => (problem === undefined ? entry : nameIn(entry)));
  return {
    entries: [...new Set(rules)],
    warnings: judged.flatMap(({ entry, problem }) =>
      problem === undefined
        ? []
        : [`"disallowedTools" takes away all of ${nameIn(entry)}, not only ${entry}: ${problem}`],
    ),
  };
}

/** The tools of `tools`. A rule that cannot be judged is left out, and is never widened to its whole tool. */
export function judgedAllowed(selected: SelectedTools): SelectedTools {
  if ("error" in selected || selected.tools === "inherit") return selected;
  const judged = selected.tools.map((entry) => ({ entry, problem: problemOfRule(entry) }));
  const lost = judged.flatMap(({ entry, problem }) =>
    problem === undefined ? [] : [`${entry} (${problem})`],
  );
  const tools = judged.flatMap(({ entry, problem }) => (problem === undefined ? [entry] : []));
  if (tools.length === 0) return { error: `none of the rules in "tools" can be judged: ${lost.join(", ")}` };
  return {
    tools,
    warnings: [
      ...selected.warnings,
      ...(lost.length > 0
        ? [`left out of "tools", because no call can be judged by it: ${lost.join(", ")}`]
        : []),
      ...tools.flatMap(widthOf),
    ],
  };
}

/** A rule for a program that runs other programs is nearly the whole tool. */
function widthOf(entry: string): string[] {
  const { tool, about } = parseToolRule(entry);
  const [program = "", ...rest] = (about ?? "").replace(/:?\*$/, "").trim().split(/\s+/);
  if (tool !== "bash" || rest.length > 0 || !isOpenEnded(program)) return [];
  return [`${entry} allows any command, because ${program} runs other programs`];
}

function nameIn(entry: string): string {
  return /^[\w.*-]+/.exec(entry.trim())?.[0] ?? "*";
}
