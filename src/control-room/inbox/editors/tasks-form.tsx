import { useState } from "react";
import type { KindView } from "../../../server/api-types.ts";
import { AnswerForm, type FormProps } from "./form.tsx";
import { draftOf, type TaskDraft, tasksOf, withoutTask, withTask } from "./tasks-draft.ts";

/** A form to change, add and remove the tasks of a plan. */
export function TasksForm({ view, editor, onAnswer, ...rest }: FormProps<"tasks">) {
  const [draft, setDraft] = useState(() => draftOf(tasksIn(view)));
  const change = (changed: TaskDraft) =>
    setDraft((old) => old.map((task) => (task.key === changed.key ? changed : task)));
  const submit = () => void onAnswer({ type: "edit", args: { tasks: tasksOf(draft) } });
  return (
    <AnswerForm {...rest} send={editor.send} onSubmit={submit}>
      <ol className="task-drafts">
        {draft.map((task) => (
          <li key={task.key}>
            <TaskFields
              task={task}
              onChange={change}
              onRemove={() => setDraft((old) => withoutTask(old, task.key))}
            />
          </li>
        ))}
      </ol>
      <button type="button" className="quiet" onClick={() => setDraft(withTask)}>
        Add a task
      </button>
    </AnswerForm>
  );
}

function tasksIn({ sections }: KindView) {
  return sections.flatMap((section) => (section.type === "tasks" ? section.tasks : []));
}

interface TaskFieldsProps {
  readonly task: TaskDraft;
  readonly onChange: (task: TaskDraft) => void;
  readonly onRemove: () => void;
}

const NAMES = [
  { name: "id", label: "Task" },
  { name: "agent", label: "Agent" },
  { name: "dependsOn", label: "Depends on" },
  { name: "model", label: "Model" },
] as const;

function TaskFields({ task, onChange, onRemove }: TaskFieldsProps) {
  return (
    <fieldset>
      <legend className="hidden-text">{task.id === "" ? "New task" : `Task ${task.id}`}</legend>
      <div className="form-row">
        {NAMES.map(({ name, label }) => (
          <label key={name}>
            {label}
            <input
              value={task[name]}
              required={name === "id" || name === "agent"}
              placeholder={name === "model" ? "the agent's own" : name === "dependsOn" ? "nothing" : ""}
              onChange={({ target }) => onChange({ ...task, [name]: target.value })}
            />
          </label>
        ))}
      </div>
      <label>
        Description
        <input
          value={task.description}
          onChange={({ target }) => onChange({ ...task, description: target.value })}
        />
      </label>
      <label>
        Prompt
        <textarea
          rows={3}
          value={task.prompt}
          onChange={({ target }) => onChange({ ...task, prompt: target.value })}
        />
      </label>
      <button type="button" className="quiet danger" onClick={onRemove}>
        Remove {task.id === "" ? "this task" : task.id}
      </button>
    </fieldset>
  );
}
