import { useRef, useState } from "react";
import { renderBudget } from "../../format/amounts.ts";
import type { AnswerBody, Answered, RequestView } from "../../server/api-types.ts";
import { post } from "../data/api.ts";
import { Age } from "../parts/age.tsx";
import { Notice } from "../parts/notice.tsx";
import { useSending } from "../parts/use-sending.ts";
import { hashOf } from "../route.ts";
import { EditForm } from "./edit-form.tsx";
import { MessageForm } from "./message-form.tsx";
import { budgetPayload } from "./payload.ts";
import { RequestBody } from "./request-body.tsx";
import { outcomeOf, wordFor } from "./words.ts";

type Decision = AnswerBody["decision"];

interface RequestCardProps {
  readonly request: RequestView;
  /** Whether to say which thread asks. */
  readonly hasThread?: boolean;
}

/** One question to a human, and the ways to answer it. What the server refuses is said in its place. */
export function RequestCard({ request, hasThread = false }: RequestCardProps) {
  const [mode, setMode] = useState<Decision["type"] | null>(null);
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
  const choose = (type: Decision["type"]) => (type === "approve" ? void answer({ type }) : setMode(type));
  const cancel = () => {
    setMode(null);
    card.current?.focus(); // The button that had the focus is gone with the form.
  };
  return (
    <article
      ref={card}
      tabIndex={-1}
      className={`request request-${shown.status}`}
      aria-label={`${shown.kind}: ${shown.summary}`}
    >
      <RequestHead request={shown} hasThread={hasThread} />
      {shown.status !== "open" && <Outcome request={shown} />}
      {shown.status === "open" && mode !== "edit" && <RequestBody request={shown} />}
      {shown.status === "open" && (
        <>
          {mode === null && <Choices request={shown} isSending={isSending} onChoose={choose} />}
          {mode === "edit" && (
            <EditForm request={shown} isSending={isSending} onAnswer={answer} onCancel={cancel} />
          )}
          {(mode === "reject" || mode === "respond") && (
            <MessageForm
              request={shown}
              type={mode}
              isSending={isSending}
              onAnswer={answer}
              onCancel={cancel}
            />
          )}
        </>
      )}
      {error && <Notice tone="error">{error.message}</Notice>}
    </article>
  );
}

function RequestHead({ request, hasThread }: { request: RequestView; hasThread: boolean }) {
  const { kind, task, thread, askedAt, deadline, summary, status } = request;
  return (
    <header className="request-head">
      <div className="request-facts">
        <span className={`chip ${status === "open" ? "chip-waiting" : ""}`}>{kind}</span>
        {task !== null && (
          <a href={hashOf({ page: "thread", id: thread, view: "graph", task })} className="mono">
            {task}
          </a>
        )}
        {hasThread && (
          <a href={hashOf({ page: "thread", id: thread, view: "graph", task: null })} className="muted">
            thread <span className="mono">{thread.slice(0, 8)}</span>
          </a>
        )}
        <span className="muted">
          asked <Age instant={askedAt} />
        </span>
        {deadline !== null && status === "open" && (
          <span className="chip chip-waiting">
            answers itself at {new Date(deadline).toLocaleTimeString()}
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

interface ChoicesProps {
  readonly request: RequestView;
  readonly isSending: boolean;
  readonly onChoose: (type: Decision["type"]) => void;
}

function Choices({ request, isSending, onChoose }: ChoicesProps) {
  const raisesTo = request.kind === "budget" ? budgetPayload(request.payload).budgetUsd : null;
  const wordOf = (type: Decision["type"]) =>
    type === "approve" && raisesTo !== null ? `Raise to ${renderBudget(raisesTo)}` : wordFor(request, type);
  return (
    <div className="actions">
      {request.allowed.map((type) => (
        <button
          key={type}
          type="button"
          className={type === "approve" ? "primary" : type === "reject" ? "danger" : ""}
          disabled={isSending}
          onClick={() => onChoose(type)}
        >
          {wordOf(type)}
          {(type === "edit" || type === "reject" || type === "respond") && "…"}
        </button>
      ))}
    </div>
  );
}
