import type { FormProps } from "./form.tsx";
import { TasksForm } from "./tasks-form.tsx";
import { AmountForm, JsonForm, MessageForm, TextForm } from "./text-forms.tsx";

/** The form of an action; null for an action without a form. */
export function ActionForm(props: Omit<FormProps, "editor">) {
  const { editor } = props.action;
  switch (editor.type) {
    case "message":
      return <MessageForm {...props} editor={editor} />;
    case "text":
      return <TextForm {...props} editor={editor} />;
    case "amount":
      return <AmountForm {...props} editor={editor} />;
    case "json":
      return <JsonForm {...props} editor={editor} />;
    case "tasks":
      return <TasksForm {...props} editor={editor} />;
    default:
      return null;
  }
}
