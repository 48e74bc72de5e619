import { useState } from "react";
import { jsonForDecision } from "../../../format/decision-text.ts";
import { Notice } from "../../parts/notice.tsx";
import { AnswerForm, type FormProps, textIn } from "./form.tsx";

/** The message of a rejection or a response. */
export function MessageForm({ action, editor, onAnswer, ...rest }: FormProps<"message">) {
  const { type, label } = action;
  const submit = (fields: FormData) => {
    const message = textIn(fields, "message").trim();
    if (type === "reject" || type === "respond") void onAnswer({ type, message });
  };
  return (
    <AnswerForm {...rest} send={label} isDangerous={type === "reject"} onSubmit={submit}>
      <label>
        {editor.label}
        <textarea name="message" required={editor.isRequired} rows={3} />
      </label>
    </AnswerForm>
  );
}

export function TextForm({ editor, onAnswer, ...rest }: FormProps<"text">) {
  const submit = (fields: FormData) =>
    void onAnswer({ type: "edit", args: { [editor.name]: textIn(fields, "text") } });
  return (
    <AnswerForm {...rest} send={editor.send} onSubmit={submit}>
      <label>
        {editor.label}
        <textarea name="text" rows={8} required defaultValue={editor.text} />
      </label>
    </AnswerForm>
  );
}

export function AmountForm({ editor, onAnswer, ...rest }: FormProps<"amount">) {
  const submit = (fields: FormData) =>
    void onAnswer({ type: "edit", args: { [editor.name]: Number(fields.get("amount")) } });
  return (
    <AnswerForm {...rest} send={editor.send} onSubmit={submit}>
      <label>
        {editor.label}
        <input
          name="amount"
          type="number"
          step="any"
          min={editor.least}
          defaultValue={editor.amount ?? undefined}
          required
          inputMode="decimal"
        />
      </label>
    </AnswerForm>
  );
}

export function JsonForm({ editor, onAnswer, ...rest }: FormProps<"json">) {
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (fields: FormData) => {
    try {
      const args: unknown = JSON.parse(textIn(fields, "json"));
      setProblem(null);
      void onAnswer({ type: "edit", args });
    } catch (error) {
      setProblem(`This is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return (
    <AnswerForm {...rest} send={editor.send} onSubmit={submit}>
      <label>
        {editor.label}
        <textarea
          name="json"
          className="code"
          rows={8}
          spellCheck={false}
          aria-invalid={problem !== null}
          defaultValue={jsonForDecision(editor.value)}
        />
      </label>
      {problem !== null && <Notice tone="error">{problem}</Notice>}
    </AnswerForm>
  );
}
