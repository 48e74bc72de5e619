import type { FormEvent, ReactNode } from "react";
import type { Action, AnswerBody, Editor, KindView } from "../../../server/api-types.ts";
import { focusFirstField } from "../../parts/focus.ts";

export type Decision = AnswerBody["decision"];

/** The props of a form that answers a request. Each editor has its own form. */
export interface FormProps<Type extends Editor["type"] = Editor["type"]> {
  readonly view: KindView;
  readonly action: Action;
  readonly editor: Extract<Editor, { type: Type }>;
  readonly isSending: boolean;
  readonly onAnswer: (decision: Decision) => Promise<void>;
  readonly onCancel: () => void;
}

interface AnswerFormProps {
  /** The label of the button that sends it. */
  readonly send: string;
  readonly isDangerous?: boolean;
  readonly isSending: boolean;
  readonly onSubmit: (fields: FormData) => void;
  readonly onCancel: () => void;
  readonly children: ReactNode;
}

/** The frame of all forms: the fields, a button to send and a button to cancel. */
export function AnswerForm({ send, isDangerous, isSending, onSubmit, onCancel, children }: AnswerFormProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <form className="request-form" ref={focusFirstField} onSubmit={submit}>
      {children}
      <div className="actions">
        <button type="submit" className={isDangerous ? "danger" : "primary"} disabled={isSending}>
          {send}
        </button>
        <button type="button" className="quiet" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** A field's text; empty for a missing field. */
export function textIn(fields: FormData, name: string): string {
  return String(fields.get(name) ?? "");
}
