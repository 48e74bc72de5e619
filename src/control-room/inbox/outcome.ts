import type { RequestView } from "../../server/api-types.ts";

const DONE: Readonly<Record<RequestView["allowed"][number], string>> = {
  approve: "approved",
  edit: "edited",
  reject: "rejected",
  respond: "answered",
};

/** The outcome of a closed request: `rejected: too expensive`. */
export function outcomeOf({ status, answer, answeredBy }: RequestView): string {
  if (status === "withdrawn") return "withdrawn: no answer is needed";
  const by = answeredBy === null ? "" : ` by ${answeredBy}`;
  if (!answer) return `answered${by}`;
  const message = "message" in answer ? answer.message : "";
  return message === "" ? `${DONE[answer.type]}${by}` : `${DONE[answer.type]}${by}: ${message}`;
}
