import { isDeepStrictEqual } from "node:util";
import { parseMentions } from "../agents/mentions.ts";
import type { AgentRegistry } from "../agents/registry.ts";
import { bestMatches, createRouter } from "../agents/route.ts";
import { readJsonAnswer } from "../attempts/json-answer.ts";
import { CallError } from "../calls/call-error.ts";
import { budgetGapOf } from "../calls/over-budget.ts";
import type { TurnResponse } from "../calls/transport.ts";
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

/** How often Claude is asked for a plan that can be run. */
const PLAN_ATTEMPTS = 3;
/** Agents that Claude is told of, about 60 tokens each. */
const MOST_OFFERED = 40;
/** Characters of what stands for the input of a run that has only a plan. */
const INPUT_CHARACTERS = 2000;

/**
 * Fills `currentTasks`: the plan given as input, else one task for each `@agent` mention, else one made by
 * Claude. With `feedback` the plan before is made anew. Ends with verdict `failed` when there is no plan.
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
    // A plan that is in the state already is not written once more: it may be of thousands of tasks.
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
 * The plan if every task of it can be run: known agents with tools that can be had, dependencies without circles, models
 * with a price, executors that are installed. A task without an agent goes to the one whose description fits it best.
 *
 * @throws UsageError naming all problems.
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

/** Made when the first task asks for it: most plans name all their agents. */
function routerFor(agents: AgentRegistry): Router {
  let router: Router | undefined;
  return (text) => {
    router ??= createRouter(workersOf({ agents }));
    return router(text);
  };
}

/** What was asked for: the input, or the last thing a human said. */
export function inputOf({ input, messages }: WorkflowState): string {
  if (input.trim() !== "") return input.trim();
  return messages.findLast((message) => message.getType() === "human")?.text.trim() ?? "";
}

/**
 * One task a mention, or undefined without mentions.
 *
 * @throws UsageError for an agent that is not known, or a mention that nothing follows.
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

/** The agents that Claude may plan with: of hundreds those that the request fits best, for each call pays for each. */
export function agentsFor(input: string, scope: Pick<AgentScope, "agents">): AgentDefinition[] {
  const workers = workersOf(scope);
  if (workers.length <= MOST_OFFERED) return workers;
  const best = new Set(bestMatches(workers, input, MOST_OFFERED));
  return workers.filter(({ name }) => best.has(name));
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
      const response = await askOrchestrator(thread, context, "plan", content, attempt);
      return { tasks: planIn(thread, response) };
    } catch (error) {
      const gap = budgetGapOf(error);
      if (gap) return { gap };
      if (error instanceof CallError && error.kind !== "aborted") return { error: error.message };
      if (!(error instanceof UsageError)) throw error;
      problem = error.message;
      rejected = { tasks: [], reason: problem };
    }
  }
  return { error: `Claude made no plan that can be run, in ${PLAN_ATTEMPTS} attempts. ${problem}` };
}

function planIn(thread: ActiveThread, { text, stopReason }: TurnResponse): Task[] {
  if (stopReason === "refusal") throw new UsageError("Claude refused to plan this request.");
  if (stopReason === "max_tokens") throw new UsageError("The plan was cut off: it must be shorter.");
  // Whatever Claude writes, it does not decide what is run on this machine.
  return trustedPlan({ ...thread.scope, allowCommands: false }, readJsonAnswer(text));
}
