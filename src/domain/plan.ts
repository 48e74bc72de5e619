import { z } from "zod";
import { clip } from "../format/text.ts";
import { UsageError } from "./errors.ts";
import { type Task, taskSchema } from "./task.ts";
import { problemsOfValidator } from "./validator-problems.ts";

/** Finds the best agent for a task's text; undefined when there is none. */
export type Router = (text: string) => string | undefined;

/** The most tasks of one plan: the executor is tested up to this number. */
export const MAX_TASKS = 10_000;

const plannedTaskSchema = taskSchema.extend({
  id: z
    .string()
    .trim()
    .min(1, "is empty")
    .max(120, "is longer than 120 characters")
    .regex(/^\P{Cc}*$/u, "has a control character")
    .refine((id) => id !== "__proto__", "is reserved by JavaScript: choose another id"),
  agent: z.string().trim().nullish(),
  description: z.string().trim().optional(),
  prompt: z.string().trim().optional(),
});
const planSchema = z.strictObject({ tasks: z.array(plannedTaskSchema) });

/**
 * Parses an untrusted plan: a file, Claude's answer or a human's edit. A missing `description` or `prompt` is copied from
 * the other. A task without an agent gets the best one.
 *
 * @param route - finds that agent; default: every task must name one.
 * @param allowCommands - whether tasks may have commands as validators.
 * @throws UsageError that names all problems: shape, duplicate ids, unknown agents or dependencies, cycles, unusable
 *   validators, no tasks.
 */
export function parsePlan(
  value: unknown,
  knownAgents: ReadonlySet<string>,
  allowCommands = false,
  route: Router = () => undefined,
): Task[] {
  const parsed = planSchema.safeParse(Array.isArray(value) ? { tasks: value } : value);
  if (!parsed.success) throw planError(parsed.error.issues.map(describeIssue));
  const tasks = parsed.data.tasks.map((task) => ({
    ...task,
    agent: task.agent || route(textOf(task)) || "",
  }));
  const scope = { agents: knownAgents, allowCommands };
  const problems = [
    ...(tasks.length === 0 ? ["it has no tasks"] : []),
    ...(tasks.length > MAX_TASKS ? [`it has ${tasks.length} tasks, the limit is ${MAX_TASKS}`] : []),
    ...tasks.filter((task) => !(task.prompt || task.description)).map((t) => `task "${t.id}" has no prompt`),
    ...duplicateIds(tasks).map((id) => `task id "${id}" is used more than once`),
    ...unknownAgents(tasks, knownAgents),
    ...unknownDependencies(tasks),
    ...tasks.flatMap(({ id, validate }) =>
      validate ? problemsOfValidator(validate, scope).map((problem) => `task "${id}" ${problem}`) : [],
    ),
    ...findCycles(tasks).map((cycle) => `tasks depend on each other in a cycle: ${cycle.join(" → ")}`),
  ];
  if (problems.length > 0) throw planError(problems);
  return tasks.map(completeTask);
}

type PlannedTask = z.infer<typeof plannedTaskSchema>;

function textOf({ description = "", prompt = "" }: PlannedTask): string {
  return `${description}\n${prompt}`;
}

function completeTask(task: PlannedTask & { readonly agent: string }): Task {
  const prompt = task.prompt || task.description || "";
  return { ...task, prompt, description: task.description || clip(prompt.replaceAll(/\s+/g, " "), 80) };
}

function planError(problems: readonly string[]): UsageError {
  const shown = problems.slice(0, 20);
  const more = problems.length - shown.length;
  const rest = more > 0 ? `; and ${more} more` : "";
  return new UsageError(`The plan cannot be run: ${shown.join("; ")}${rest}.`);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("");
  const isMissing = issue.message.endsWith("received undefined");
  return `${path.replace(/^\./, "") || "the plan"}: ${isMissing ? "it is missing" : issue.message}`;
}

function duplicateIds(tasks: readonly { id: string }[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { id } of tasks) (seen.has(id) ? twice : seen).add(id);
  return [...twice];
}

function unknownAgents(
  tasks: readonly { id: string; agent: string }[],
  known: ReadonlySet<string>,
): string[] {
  const missing = tasks.filter((task) => !known.has(task.agent));
  const hint = missing.length > 0 ? ` (known: ${clip([...known].join(", "), 300)})` : "";
  return missing.map(({ id, agent }, i) => {
    const what = agent === "" ? "names no agent" : `names the unknown agent "${agent}"`;
    return `task "${id}" ${what}${i === 0 ? hint : ""}`;
  });
}

function unknownDependencies(tasks: readonly { id: string; dependsOn: string[] }[]): string[] {
  const ids = new Set(tasks.map((task) => task.id));
  return tasks.flatMap((task) =>
    task.dependsOn
      .filter((id) => !ids.has(id))
      .map((id) => `task "${task.id}" depends on the unknown task "${id}"`),
  );
}

/** Finds cycles, one for each group of connected tasks, as task ids with the first one repeated at the end. */
export function findCycles(tasks: readonly { id: string; dependsOn: readonly string[] }[]): string[][] {
  const waitsFor = new Map(tasks.map((task) => [task.id, task.dependsOn]));
  const finished = new Set<string>();
  const cycles: string[][] = [];
  for (const { id } of tasks) {
    const cycle = cycleFrom(id, waitsFor, finished);
    if (cycle) cycles.push(cycle);
  }
  return cycles;
}

/** Depth first without recursion: a chain of ten thousand tasks would exhaust the stack. */
function cycleFrom(
  start: string,
  waitsFor: ReadonlyMap<string, readonly string[]>,
  finished: Set<string>,
): string[] | undefined {
  const path: { id: string; next: number }[] = finished.has(start) ? [] : [{ id: start, next: 0 }];
  const onPath = new Set(path.map((step) => step.id));
  let cycle: string[] | undefined;
  for (let step = path.at(-1); step; step = path.at(-1)) {
    const dependency = waitsFor.get(step.id)?.[step.next++];
    if (dependency === undefined) {
      finished.add(step.id);
      onPath.delete(step.id);
      path.pop();
    } else if (onPath.has(dependency)) {
      const ids = path.map((entry) => entry.id);
      cycle ??= [...ids.slice(ids.indexOf(dependency)), dependency];
    } else if (!finished.has(dependency) && waitsFor.has(dependency)) {
      path.push({ id: dependency, next: 0 });
      onPath.add(dependency);
    }
  }
  return cycle;
}

/** Each task's depth in the plan: 0 without dependencies, else one more than the deepest dependency. For display. */
export function wavesOf(tasks: readonly Dependent[]): Map<string, number> {
  const remaining = new Map(tasks.map((task) => [task.id, new Set(task.dependsOn).size]));
  const dependants = dependantsOf(tasks);
  const waves = new Map<string, number>();
  const ready = tasks.filter((task) => remaining.get(task.id) === 0).map((task) => task.id);
  for (const id of ready) waves.set(id, 0);
  for (const id of ready) {
    const depth = (waves.get(id) ?? 0) + 1;
    for (const dependant of dependants.get(id) ?? []) {
      waves.set(dependant, Math.max(depth, waves.get(dependant) ?? 0));
      const left = (remaining.get(dependant) ?? 0) - 1;
      remaining.set(dependant, left);
      if (left === 0) ready.push(dependant);
    }
  }
  return waves;
}

/** A task's dependencies. */
interface Dependent {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/** For each task id, the ids of the tasks that depend on it. */
export function dependantsOf(tasks: readonly Dependent[]): Map<string, string[]> {
  const dependants = new Map<string, string[]>();
  for (const task of tasks) {
    for (const id of new Set(task.dependsOn)) {
      const waiting = dependants.get(id);
      if (waiting) waiting.push(task.id);
      else dependants.set(id, [task.id]);
    }
  }
  return dependants;
}
