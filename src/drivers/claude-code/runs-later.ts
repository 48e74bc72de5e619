import { relative } from "node:path";
import { pathsOf } from "../../tools/rules/path-rules.ts";
import type { JudgedCall, RulePlace } from "../../tools/rules/rule-kind.ts";
import { partThatRunsLater } from "../../tools/runs-later.ts";
import { effectOf } from "./tools.ts";

/** Why a file tool of Claude Code must not write a file, as our own tools do not; undefined when it may. */
export function whyRunsLater(call: JudgedCall, place: RulePlace): string | undefined {
  const { effect, isKeptInside } = effectOf(call.tool);
  if (effect !== "writes" || isKeptInside !== true) return undefined;
  for (const path of pathsOf(call, place) ?? []) {
    const part = partThatRunsLater(relative(place.root, path));
    if (part !== undefined) return `"${part}" cannot be written: it can hold commands that run later.`;
  }
  return undefined;
}
