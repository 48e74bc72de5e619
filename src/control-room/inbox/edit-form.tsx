import { type FormEvent, useState } from "react";
import { focusFirstField } from "../parts/focus.ts";
import { Notice } from "../parts/notice.tsx";
import type { EditFormProps } from "./edit-form-props.ts";
import { FormActions } from "./form-actions.tsx";
import { budgetPayload, failurePayload, prettyJson, record, text } from "./payload.ts";
import { PlanForm } from "./plan-form.tsx";
import { toolPayload } from "./tool-payload.ts";

/** The form in which a request's content is changed, by its kind. */
export function EditForm(props: EditFormProps) {
  const { kind, payload } = props.request;
  if (kind === "plan") return <PlanForm {...props} />;
  if (kind === "budget") return <BudgetForm {...props} />;
  if (kind === "failure") {
    return <TextForm {...props} name="prompt" label="Prompt" text={failurePayload(payload).prompt} />;
  }
  if (kind === "result") {
    return <TextForm {...props} name="output" label="Answer" text={text(record(payload)["output"])} />;
  }
  return <JsonForm {...props} value={kind === "tool" ? toolPayload(payload).args : payload} />;
}

function BudgetForm({ request, onAnswer, ...rest }: EditFormProps) {
  const { budgetUsd, spentUsd, nextUsd } = budgetPayload(request.payload);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const amount = Number(new FormData(event.currentTarget).get("budgetUsd"));
    void onAnswer({ type: "edit", args: { budgetUsd: amount } });
  };
  return (
    <form className="request-form" ref={focusFirstField} onSubmit={submit}>
      <label>
        Raise the budget to, USD
        <input
          name="budgetUsd"
          type="number"
          step="any"
          min={(spentUsd ?? 0) + (nextUsd ?? 0)}
          defaultValue={budgetUsd ?? undefined}
          required
          inputMode="decimal"
        />
      </label>
      <FormActions {...rest} word="Raise" />
    </form>
  );
}

interface TextFormProps extends EditFormProps {
  /** Under which name the text is sent. */
  readonly name: string;
  readonly label: string;
  readonly text: string;
}

function TextForm({ name, label, text, onAnswer, request, ...rest }: TextFormProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const written = String(new FormData(event.currentTarget).get("text") ?? "");
    void onAnswer({ type: "edit", args: { [name]: written } });
  };
  return (
    <form className="request-form" ref={focusFirstField} onSubmit={submit}>
      <label>
        {label}
        <textarea name="text" rows={8} required defaultValue={text} />
      </label>
      <FormActions
        {...rest}
        word={request.kind === "failure" ? "Try again with this prompt" : "Go on with this answer"}
      />
    </form>
  );
}

function JsonForm({ value, onAnswer, ...rest }: EditFormProps & { value: unknown }) {
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const written = String(new FormData(event.currentTarget).get("json") ?? "");
    try {
      const args: unknown = JSON.parse(written);
      setProblem(null);
      void onAnswer({ type: "edit", args });
    } catch (error) {
      setProblem(`This is no JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return (
    <form className="request-form" ref={focusFirstField} onSubmit={submit}>
      <label>
        As JSON
        <textarea
          name="json"
          className="code"
          rows={8}
          spellCheck={false}
          aria-invalid={problem !== null}
          defaultValue={prettyJson(value)}
        />
      </label>
      {problem !== null && <Notice tone="error">{problem}</Notice>}
      <FormActions {...rest} word="Go on with this" />
    </form>
  );
}
