import type { RequestView } from "../../server/api-types.ts";

type Decision = RequestView["allowed"][number];

/** What each decision means for each kind of request, as its button says it. */
const WORDS: Readonly<Record<RequestView["kind"], Partial<Record<Decision, string>>>> = {
  plan: { approve: "Run this plan", edit: "Edit the tasks", reject: "Reject" },
  tool: { approve: "Allow", edit: "Edit the arguments", reject: "Deny", respond: "Answer for it" },
  budget: { approve: "Go on", edit: "Another amount", reject: "Give up" },
  failure: {
    approve: "Take this answer",
    edit: "Edit the prompt",
    reject: "Give up",
    respond: "Advise and retry",
  },
  result: { approve: "Accept", edit: "Edit", reject: "Reject", respond: "Comment" },
  question: { approve: "Yes", edit: "Edit", reject: "Decline", respond: "Answer" },
};

const PLAIN: Readonly<Record<Decision, string>> = {
  approve: "Approve",
  edit: "Edit",
  reject: "Reject",
  respond: "Respond",
};

export function wordFor({ kind }: RequestView, decision: Decision): string {
  return WORDS[kind][decision] ?? PLAIN[decision];
}

const DONE: Readonly<Record<Decision, string>> = {
  approve: "approved",
  edit: "edited",
  reject: "rejected",
  respond: "answered",
};

/** How a request that is no longer open ended: `rejected: too dear`. */
export function outcomeOf({ status, answer, answeredBy }: RequestView): string {
  if (status === "withdrawn") return "withdrawn: nobody needs an answer any more";
  const by = answeredBy === null ? "" : ` by ${answeredBy}`;
  if (!answer) return `answered${by}`;
  const message = "message" in answer ? answer.message : "";
  return message === "" ? `${DONE[answer.type]}${by}` : `${DONE[answer.type]}${by}: ${message}`;
}

/** What the text that goes with a decision is called. */
export function messageLabel({ kind }: RequestView, decision: "reject" | "respond"): string {
  if (decision === "respond") return kind === "failure" ? "Advice for the next attempts" : "Your answer";
  return kind === "plan"
    ? "What should be different? With words a new plan is made; without any the run ends."
    : "Why (optional)";
}
