import { lineForDecision } from "../../format/decision-text.ts";
import type { Action, KindView } from "../../server/api-types.ts";
import type { Decision } from "./editors/form.tsx";

interface ChoicesProps {
  readonly view: KindView;
  /** Whether the person sees the whole request. Otherwise they can reject it, but not approve or edit it. */
  readonly isWhole: boolean;
  readonly isSending: boolean;
  readonly onAnswer: (decision: Decision) => Promise<void>;
  readonly onChoose: (action: Action) => void;
}

const NEEDS_WHOLE: ReadonlySet<Action["type"]> = new Set(["approve", "edit"]);

/** A button for each action. It answers, or opens the action's form. */
export function Choices({ view, isWhole, isSending, onAnswer, onChoose }: ChoicesProps) {
  const choose = (action: Action) => {
    const decision = decisionOf(action);
    if (decision) void onAnswer(decision);
    else onChoose(action);
  };
  const options = view.actions.flatMap(({ editor }) => (editor.type === "option" ? editor.options : []));
  return (
    <>
      {options.length > 0 && (
        <div className="actions answer-options">
          {options.map((option) => (
            <button
              key={option}
              type="button"
              disabled={isSending}
              onClick={() => void onAnswer({ type: "respond", message: option })}
            >
              {lineForDecision(option)}
            </button>
          ))}
        </div>
      )}
      <div className="actions">
        {view.actions
          .filter(({ editor }) => editor.type !== "option")
          .map((action, place) => (
            <button
              key={action.label}
              type="button"
              className={toneOf(action, place)}
              disabled={isSending || (!isWhole && NEEDS_WHOLE.has(action.type))}
              onClick={() => choose(action)}
            >
              {action.label}
              {action.editor.type !== "none" && "…"}
            </button>
          ))}
      </div>
    </>
  );
}

/** The likeliest action is first. */
function toneOf({ type }: Action, place: number): string {
  if (type === "reject") return "danger";
  return place === 0 ? "primary" : "";
}

/** The decision of an action without a form. */
function decisionOf({ type, message, editor }: Action): Decision | undefined {
  if (editor.type !== "none" || type === "edit") return undefined;
  return type === "approve" ? { type } : { type, message };
}
