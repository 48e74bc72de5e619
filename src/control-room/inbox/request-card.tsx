import { useRef, useState } from "react";
import { lineForDecision, renderHidden, renderLength } from "../../format/decision-text.ts";
import type { Action, AnswerBody, Answered, KindView, RequestView } from "../../server/api-types.ts";
import { post } from "../data/api.ts";
import { Age } from "../parts/age.tsx";
import { Notice } from "../parts/notice.tsx";
import { useSending } from "../parts/use-sending.ts";
import { hashOf } from "../route.ts";
import { Choices } from "./choices.tsx";
import { ActionForm } from "./editors/action-form.tsx";
import type { Decision } from "./editors/form.tsx";
import { outcomeOf } from "./outcome.ts";
import { Sections } from "./sections.tsx";

interface RequestCardProps {
  readonly request: RequestView;
  /** Whether to name the thread. */
  readonly hasThread?: boolean;
}

/** One request, and the actions that answer it. Shows a refusal of the server in place. */
export function RequestCard({ request, hasThread = false }: RequestCardProps) {
  const [answered, setAnswered] = useState<RequestView | null>(null);
  const { send, isSending, error } = useSending();
  const card = useRef<HTMLElement>(null);
  const shown = answered ?? request;
  const answer = (decision: Decision) =>
    send(async () => {
      const body: AnswerBody = { decision };
      const result = await post<Answered>(`/requests/${encodeURIComponent(request.id)}/answer`, body);
      setAnswered(result.request);
    });
  return (
    <article
      ref={card}
      tabIndex={-1}
      className={`request request-${shown.status}`}
      aria-label={`${shown.kind}: ${shown.summary}`}
    >
      <RequestHead request={shown} hasThread={hasThread} />
      {shown.view === null ? (
        <Outcome request={shown} />
      ) : (
        <OpenRequest
          view={shown.view}
          isSending={isSending}
          onAnswer={answer}
          // The focused button has disappeared with the form.
          onLeave={() => card.current?.focus()}
        />
      )}
      {error && <Notice tone="error">{error.message}</Notice>}
    </article>
  );
}

interface OpenRequestProps {
  readonly view: KindView;
  readonly isSending: boolean;
  readonly onAnswer: (decision: Decision) => Promise<void>;
  /** Called on closing a form without an answer. */
  readonly onLeave: () => void;
}

/** The request with its actions, or with the form of the chosen action. A long one is approved only after it was shown whole. */
function OpenRequest({ view, isSending, onAnswer, onLeave }: OpenRequestProps) {
  const [chosen, setChosen] = useState<Action | null>(null);
  const [isWhole, setWhole] = useState(!view.size.isLong);
  const leave = () => {
    setChosen(null);
    onLeave();
  };
  const hidden = renderHidden(view.size.hidden);
  return (
    <>
      <Sections sections={view.sections} isWhole={isWhole} />
      {hidden !== "" && <Notice tone="error">{hidden}</Notice>}
      {!isWhole && (
        <div className="actions">
          <button type="button" onClick={() => setWhole(true)}>
            Show all {renderLength(view.size.characters)}
          </button>
          <span className="muted">
            This request is long. You can approve it after you have seen all of it.
          </span>
        </div>
      )}
      {chosen === null ? (
        <Choices
          view={view}
          isWhole={isWhole}
          isSending={isSending}
          onAnswer={onAnswer}
          onChoose={setChosen}
        />
      ) : (
        <ActionForm view={view} action={chosen} isSending={isSending} onAnswer={onAnswer} onCancel={leave} />
      )}
    </>
  );
}

function RequestHead({ request, hasThread }: { request: RequestView; hasThread: boolean }) {
  const { kind, taskId, threadId, askedAt, deadlineAt, summary, status } = request;
  return (
    <header className="request-head">
      <div className="request-facts">
        <span className={`chip ${status === "open" ? "chip-waiting" : ""}`}>{kind}</span>
        {taskId !== null && (
          <a href={hashOf({ page: "thread", id: threadId, view: "graph", task: taskId })} className="mono">
            {lineForDecision(taskId)}
          </a>
        )}
        {hasThread && (
          <a href={hashOf({ page: "thread", id: threadId, view: "graph", task: null })} className="muted">
            thread <span className="mono">{threadId.slice(0, 8)}</span>
          </a>
        )}
        <span className="muted">
          asked <Age instant={askedAt} />
        </span>
        {deadlineAt !== null && status === "open" && (
          <span className="chip chip-waiting">
            automatic answer at {new Date(deadlineAt).toLocaleTimeString()}
          </span>
        )}
      </div>
      <h3>{lineForDecision(summary)}</h3>
    </header>
  );
}

function Outcome({ request }: { request: RequestView }) {
  return (
    <p className="outcome muted" role="status">
      {outcomeOf(request)}
      {request.answeredAt !== null && (
        <>
          {" · "}
          <Age instant={request.answeredAt} />
        </>
      )}
    </p>
  );
}
