import { type FormEvent, useId } from "react";
import type { AnswerBody, RequestView } from "../../server/api-types.ts";
import { focusFirstField } from "../parts/focus.ts";
import { messageLabel, wordFor } from "./words.ts";

interface MessageFormProps {
  readonly request: RequestView;
  readonly type: "reject" | "respond";
  readonly isSending: boolean;
  readonly onAnswer: (decision: AnswerBody["decision"]) => Promise<void>;
  readonly onCancel: () => void;
}

/** The words that go with a rejection or an answer. */
export function MessageForm({ request, type, isSending, onAnswer, onCancel }: MessageFormProps) {
  const labelId = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const message = String(new FormData(event.currentTarget).get("message") ?? "").trim();
    void onAnswer({ type, message });
  };
  return (
    <form className="request-form" ref={focusFirstField} onSubmit={submit}>
      <label id={labelId}>
        {messageLabel(request, type)}
        <textarea name="message" required={type === "respond"} rows={3} />
      </label>
      <div className="actions">
        <button type="submit" className={type === "reject" ? "danger" : "primary"} disabled={isSending}>
          {wordFor(request, type)}
        </button>
        <button type="button" className="quiet" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
