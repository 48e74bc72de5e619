import { END, START } from "@langchain/langgraph";
import {
  afterApproval,
  afterBudget,
  afterResult,
  approvePlan,
  approveResult,
  askForBudget,
  claudeExecutor,
  defineGraph,
  isOverBudget,
  planNode,
  synthesizeNode,
} from "../src/index.ts";

/** Plans a request, lets a human approve the plan, runs its tasks side by side and joins the results. */
export const graph = defineGraph("orchestrate", (builder) =>
  builder
    .addNode("plan", planNode(), {
      metadata: { description: "Takes the plan given, or one task a mention, or asks Claude for one." },
    })
    .addNode("approve", approvePlan(), {
      metadata: { description: "A human approves, edits or rejects the plan." },
    })
    .addNode("budget", askForBudget(), {
      metadata: { description: "A human raises the budget for plan or synthesis, or declines." },
    })
    .addNode("claude_executor", claudeExecutor(), {
      metadata: { description: "Up to ten agents at once, each task as soon as its dependencies are done." },
    })
    .addNode("synthesize", synthesizeNode(), {
      metadata: { description: "Joins the results into one answer and gives the run its verdict." },
    })
    .addNode("review", approveResult(), {
      metadata: { description: "A human approves, edits or rejects the answer, where that is wanted." },
    })
    .addEdge(START, "plan")
    .addConditionalEdges("plan", isOverBudget, { done: "approve", "over budget": "budget" })
    .addConditionalEdges("approve", afterApproval, {
      approved: "claude_executor",
      rejected: "plan",
      ended: END,
    })
    .addEdge("claude_executor", "synthesize")
    .addConditionalEdges("synthesize", isOverBudget, { done: "review", "over budget": "budget" })
    .addConditionalEdges("review", afterResult, { approved: END, rejected: "synthesize" })
    .addConditionalEdges("budget", afterBudget, {
      "to the plan": "plan",
      "to the answer": "synthesize",
      ended: END,
    }),
);
