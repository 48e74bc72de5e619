import { useRef, useState } from "react";
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
  /** Whether to say which thread asks. */
  readonly hasThread?: boolean;
}

/** One question to a human, and the ways to answer it. What the server refuses is said in its place. */
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
          // The button that had the focus is gone with the form.
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
  /** Called when a form is left without an answer. */
  readonly onLeave: () => void;
}

/** What is asked about with the ways to answer, or the form of the one that was chosen. */
function OpenRequest({ view, isSending, onAnswer, onLeave }: OpenRequestProps) {
  const [chosen, setChosen] = useState<Action | null>(null);
  const leave = () => {
    setChosen(null);
    onLeave();
  };
  return (
    <>
      {!isRewritten(chosen) && <Sections sections={view.sections} />}
      {chosen === null ? (
        <Choices view={view} isSending={isSending} onAnswer={onAnswer} onChoose={setChosen} />
      ) : (
        <ActionForm view={view} action={chosen} isSending={isSending} onAnswer={onAnswer} onCancel={leave} />
      )}
    </>
  );
}

/** Whether the form itself shows what is asked about, as it is changed. */
function isRewritten(chosen: Action | null): boolean {
  return chosen?.editor.type === "tasks" || chosen?.editor.type === "text";
}

function RequestHead({ request, hasThread }: { request: RequestView; hasThread: boolean }) {
  const { kind, taskId, threadId, askedAt, deadlineAt, summary, status } = request;
  return (
    <header className="request-head">
      <div className="request-facts">
        <span className={`chip ${status === "open" ? "chip-waiting" : ""}`}>{kind}</span>
        {taskId !== null && (
          <a href={hashOf({ page: "thread", id: threadId, view: "graph", task: taskId })} className="mono">
            {taskId}
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
            answers itself at {new Date(deadlineAt).toLocaleTimeString()}
          </span>
        )}
      </div>
      <h3>{summary}</h3>
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
