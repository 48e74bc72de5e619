import { isDeepStrictEqual } from "node:util";
import { parseMentions } from "../agents/mentions.ts";
import type { AgentRegistry } from "../agents/registry.ts";
import { bestMatches, createRouter } from "../agents/route.ts";
import { readJsonAnswer } from "../attempts/json-answer.ts";
import type { Answer } from "../calls/answer.ts";
import { CallError } from "../calls/call-error.ts";
import { budgetGapOf } from "../calls/over-budget.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import { agentNameKey } from "../domain/agent-names.ts";
import { UsageError } from "../domain/errors.ts";
import { parsePlan, type Router } from "../domain/plan.ts";
import type { Task } from "../domain/task.ts";
import { clip, headOf } from "../format/text.ts";
import type { BudgetGap } from "../postgres/agent-coordination/outcomes.ts";
import type { AgentScope } from "./agent-scope.ts";
import { outOfBudget } from "./budget-gate.ts";
import { estimateUsd } from "./estimate.ts";
import { askOrchestrator, orchestratorOf, workersOf } from "./orchestrator.ts";
import { planTurn } from "./plan-turn.ts";
import { type ActiveThread, activeThread, type NodeContext, progressOf } from "./runtime.ts";
import type { WorkflowState, WorkflowUpdate } from "./state.ts";

/** The most attempts to get a valid plan from Claude. */
const PLAN_ATTEMPTS = 3;
/** The most agents in a planner's prompt, about 60 tokens each. */
const MOST_OFFERED = 40;
/** Characters of the input that is made from a plan when a run has no input. */
const INPUT_CHARACTERS = 2000;

/**
 * Fills `currentTasks`: with the plan in the input, else one task for each `@agent` mention, else Claude's plan. With
 * `feedback` Claude makes a new plan. Sets verdict `failed` when there is no plan.
 */
export function planNode() {
  return async (state: WorkflowState, context: NodeContext): Promise<WorkflowUpdate> => {
    const thread = activeThread(context);
    const planned = await makePlan(thread, state, context);
    if ("error" in planned) return { verdict: "failed", error: planned.error, overBudget: null };
    if ("gap" in planned) return { ...outOfBudget("plan", planned.gap), verdict: "failed" };
    const { tasks } = planned;
    progressOf(context)({
      type: "planned",
      tasks: tasks.map(({ id, agent, description }) => ({ id, agent, description })),
      estimateUsd: estimateUsd(thread, tasks),
    });
    const input = inputOf(state) || clip(tasks.map((task) => task.description).join("; "), INPUT_CHARACTERS);
    // The state is not written again with the same plan, which may have thousands of tasks.
    const isKnown = isDeepStrictEqual(tasks, state.currentTasks);
    return { ...(!isKnown && { currentTasks: tasks }), feedback: "", input, overBudget: null };
  };
}

type Planned = { readonly tasks: Task[] } | { readonly error: string } | { readonly gap: BudgetGap };

async function makePlan(thread: ActiveThread, state: WorkflowState, context: NodeContext): Promise<Planned> {
  if (state.feedback !== "") return askForPlan(thread, state, context);
  if (state.currentTasks.length > 0) return { tasks: trustedPlan(thread.scope, state.currentTasks) };
  const input = inputOf(state);
  if (input === "")
    throw new UsageError("The input is empty: say what the agents are to do, or give a plan.");
  const mentioned = tasksOfMentions(thread.scope, input);
  return mentioned ? { tasks: mentioned } : askForPlan(thread, state, context);
}

/**
 * Parses a plan and checks that every task can run: known agents with available tools, dependencies without cycles, models
 * with a price, installed drivers. A task without an agent gets the one whose description fits it best.
 *
 * @throws UsageError that names all problems.
 */
export function trustedPlan(scope: AgentScope, value: unknown): Task[] {
  const { agents, modelFor, driverFor, checkTools, allowCommands } = scope;
  const tasks = parsePlan(value, new Set(agents.names), allowCommands, routerFor(agents));
  for (const task of tasks) {
    const agent = agents.get(task.agent);
    modelFor(task.model, agent);
    driverFor(agent);
  }
  for (const name of new Set(tasks.map(({ agent }) => agent))) checkTools(agents.get(name));
  return tasks;
}

/** Creates the router at the first use: most plans name all their agents. */
function routerFor(agents: AgentRegistry): Router {
  let router: Router | undefined;
  return (text) => {
    router ??= createRouter(workersOf({ agents }));
    return router(text);
  };
}

/** The user's request: the input, else the last human message. */
export function inputOf({ input, messages }: WorkflowState): string {
  if (input.trim() !== "") return input.trim();
  return messages.findLast((message) => message.getType() === "human")?.text.trim() ?? "";
}

/**
 * One task for each mention; undefined without mentions.
 *
 * @throws UsageError for an unknown agent, or a mention without a text after it.
 */
export function tasksOfMentions(scope: AgentScope, input: string): Task[] | undefined {
  const mentions = parseMentions(input, scope.agents.names);
  if (!mentions) return undefined;
  const unknown = mentions.unknown[0];
  if (unknown !== undefined) scope.agents.get(unknown);
  const silent = mentions.tasks.find((task) => task.prompt === "");
  if (silent) throw new UsageError(`Nothing follows @${silent.agent}: say what it is to do.`);
  const seen = new Map<string, number>();
  const tasks = mentions.tasks.map(({ agent, prompt, text }) => {
    const key = agentNameKey(agent);
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return {
      id: count === 1 ? key : `${key}-${count}`,
      agent,
      prompt,
      description: firstLine(text || prompt),
    };
  });
  return trustedPlan(scope, { tasks });
}

function firstLine(text: string): string {
  return headOf(text.split("\n", 1)[0] ?? "", 80);
}

/** The agents for the planner. Of many, only the best matches: each one costs tokens in each call. */
export function agentsFor(
  input: string,
  scope: Pick<AgentScope, "agents" | "checkTools">,
): AgentDefinition[] {
  const workers = workersOf(scope).filter((agent) => isUsable(scope, agent));
  if (workers.length <= MOST_OFFERED) return workers;
  const best = new Set(bestMatches(workers, input, MOST_OFFERED));
  return workers.filter(({ name }) => best.has(name));
}

/** Whether a task may name the agent. One whose MCP servers nobody has approved cannot run. */
function isUsable({ checkTools }: Pick<AgentScope, "checkTools">, agent: AgentDefinition): boolean {
  try {
    checkTools(agent);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

async function askForPlan(
  thread: ActiveThread,
  state: WorkflowState,
  context: NodeContext,
): Promise<Planned> {
  let rejected = state.feedback === "" ? undefined : { tasks: state.currentTasks, reason: state.feedback };
  let problem = "";
  for (let attempt = 1; attempt <= PLAN_ATTEMPTS; attempt++) {
    const input = inputOf(state);
    const request = { input, agents: agentsFor(input, thread.scope), rejected };
    try {
      const content = planTurn(orchestratorOf(thread), request);
      const answer = await askOrchestrator(thread, context, "plan", content, attempt);
      return { tasks: planIn(thread, answer) };
    } catch (error) {
      const gap = budgetGapOf(error);
      if (gap) return { gap };
      if (error instanceof CallError && error.kind !== "aborted") return { error: error.message };
      if (!(error instanceof UsageError)) throw error;
      problem = error.message;
      rejected = { tasks: [], reason: problem };
    }
  }
  return { error: `Claude made no valid plan in ${PLAN_ATTEMPTS} attempts. ${problem}` };
}

function planIn(thread: ActiveThread, { response: { text, stopReason }, isCut }: Answer): Task[] {
  if (stopReason === "refusal") throw new UsageError("Claude refused to plan this request.");
  if (isCut) throw new UsageError("The plan was cut off: it must be shorter.");
  // Claude's plan may not run commands on this machine, nor choose the agents that judge its tasks.
  const tasks = trustedPlan({ ...thread.scope, allowCommands: false }, readJsonAnswer(text));
  const judged = tasks.find(({ validate }) => validate?.agent !== undefined);
  if (judged === undefined) return tasks;
  throw new UsageError(
    `The plan cannot be run: task "${judged.id}" has an agent as validator, which only a person may choose.`,
  );
}
