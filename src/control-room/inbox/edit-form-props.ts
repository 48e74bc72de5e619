import type { AnswerBody, RequestView } from "../../server/api-types.ts";

/** What a form that changes a request's content is given. */
export interface EditFormProps {
  readonly request: RequestView;
  readonly isSending: boolean;
  readonly onAnswer: (decision: AnswerBody["decision"]) => Promise<void>;
  readonly onCancel: () => void;
}
