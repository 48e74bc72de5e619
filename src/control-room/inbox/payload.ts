/** What is known of a request's payload; what is not there, or is of another shape, is left out. */
export interface PlanTask {
  readonly id: string;
  readonly agent: string;
  readonly description: string;
  readonly prompt: string;
  readonly dependsOn: readonly string[];
  readonly model: string | null;
  /** All that the payload says of it, this page's words or not. */
  readonly all: Readonly<Record<string, unknown>>;
}

export interface PlanPayload {
  readonly tasks: readonly PlanTask[];
  readonly estimateUsd: number | null;
}

export function planPayload(payload: unknown): PlanPayload {
  const { tasks, estimateUsd } = record(payload);
  return { tasks: list(tasks).map(planTask), estimateUsd: number(estimateUsd) };
}

function planTask(value: unknown): PlanTask {
  const all = record(value);
  const dependsOn = list(all["dependsOn"]).map(text);
  return {
    id: text(all["id"]),
    agent: text(all["agent"]),
    description: text(all["description"]),
    prompt: text(all["prompt"]),
    dependsOn,
    model: text(all["model"]) || null,
    all,
  };
}

export interface BudgetPayload {
  readonly ceiling: string;
  readonly spentUsd: number | null;
  readonly nextUsd: number | null;
  readonly neededUsd: number | null;
  readonly limitUsd: number | null;
  /** What approving raises the budget to; null where it raises none. */
  readonly budgetUsd: number | null;
  readonly tasks: readonly string[];
}

export function budgetPayload(payload: unknown): BudgetPayload {
  const { ceiling, spentUsd, nextUsd, neededUsd, limitUsd, budgetUsd, tasks } = record(payload);
  return {
    ceiling: text(ceiling),
    spentUsd: number(spentUsd),
    nextUsd: number(nextUsd),
    neededUsd: number(neededUsd),
    limitUsd: number(limitUsd),
    budgetUsd: number(budgetUsd),
    tasks: list(tasks).map(text),
  };
}

export interface FailurePayload {
  readonly prompt: string;
  readonly answer: string | null;
  readonly attempts: readonly {
    readonly attempt: number | null;
    readonly model: string;
    readonly failure: string;
    readonly digest: string;
  }[];
}

export function failurePayload(payload: unknown): FailurePayload {
  const { prompt, answer, attempts } = record(payload);
  return {
    prompt: text(prompt),
    answer: typeof answer === "string" ? answer : null,
    attempts: list(attempts).map((one) => {
      const { attempt, model, failure, digest } = record(one);
      return { attempt: number(attempt), model: text(model), failure: text(failure), digest: text(digest) };
    }),
  };
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A value as it is read and edited by people. */
export function prettyJson(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? "";
}
