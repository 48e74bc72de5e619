import type { Deadline } from "../domain/deadline.ts";
import { plainJson } from "../domain/json.ts";
import type { NewRequest } from "../postgres/requests.ts";
import type { RequestKind } from "./kind.ts";

/** Adds the run's deadline to a request if the request's kind has a default decision for it. */
export function withDeadline(
  kind: RequestKind,
  deadline: Deadline | undefined,
  request: NewRequest,
): NewRequest {
  const answer = deadline && kind.byDefault(deadline.answer);
  if (!answer) return request;
  return { ...request, deadline: { seconds: deadline.seconds, answer: plainJson(answer) } };
}
