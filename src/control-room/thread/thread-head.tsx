import type { ReactNode } from "react";
import { renderCount, renderDuration, renderPlural } from "../../format/amounts.ts";
import type { TaskRow, ThreadView } from "../../server/api-types.ts";
import { post } from "../data/api.ts";
import { Money } from "../parts/money.tsx";
import { Notice } from "../parts/notice.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { Tally } from "../parts/tally.tsx";
import { useNow } from "../parts/use-now.ts";
import { useSending } from "../parts/use-sending.ts";
import { hashOf } from "../route.ts";
import { countsOf } from "./count-tasks.ts";

interface ThreadHeadProps {
  readonly thread: ThreadView;
  readonly tasks: readonly TaskRow[];
  /** Open requests. */
  readonly waiting: number;
  readonly isLive: boolean;
}

/** A thread at a glance: status, cost, time, and the actions on the whole thread. */
export function ThreadHead({ thread, tasks, waiting, isLive }: ThreadHeadProps) {
  const { send, isSending, error } = useSending();
  const act = (action: "resume" | "cancel") =>
    void send(async () => {
      await post(`/threads/${encodeURIComponent(thread.id)}/${action}`, {});
    });
  return (
    <header className="thread-head">
      <div className="thread-title">
        <h1>{thread.input === "" ? thread.id : thread.input}</h1>
        <div className="thread-facts">
          <StatusMark status={thread.status} hasWord />
          <span className="chip">{thread.graph}</span>
          {thread.simulated && <span className="chip">simulated</span>}
          <code className="muted" title={thread.id}>
            {thread.id.slice(0, 8)}
          </code>
          {!isLive && <span className="muted">not live</span>}
        </div>
      </div>
      <dl className="figures">
        <Figure name="Cost">
          <Money costUsd={thread.costUsd} budgetUsd={thread.budgetUsd} />
        </Figure>
        <Figure name="Tasks">
          <Tally counts={countsOf(tasks)} />
        </Figure>
        <Figure name="Time">
          <Elapsed thread={thread} />
        </Figure>
        <Figure name="Tokens in, out">
          <span className="number">
            {renderCount(thread.tokens.input + thread.tokens.cacheRead + thread.tokens.cacheWrite)}
            <span className="muted">, {renderCount(thread.tokens.output)}</span>
          </span>
        </Figure>
      </dl>
      <div className="actions">
        {waiting > 0 && (
          <a
            className="button primary"
            href={hashOf({ page: "thread", id: thread.id, view: "requests", task: null })}
          >
            Answer {renderPlural(waiting, "request")}
          </a>
        )}
        {canResume(thread) && (
          <button type="button" disabled={isSending} onClick={() => act("resume")}>
            Resume
          </button>
        )}
        {canCancel(thread) && (
          <button type="button" className="danger" disabled={isSending} onClick={() => act("cancel")}>
            Cancel the run
          </button>
        )}
      </div>
      {error && <Notice tone="error">{error.message}</Notice>}
      {thread.error !== null && <Notice tone="error">{thread.error}</Notice>}
    </header>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Elapsed({ thread: { createdAt, endedAt, isRun } }: { thread: ThreadView }) {
  const now = useNow(isRun);
  const endMs = endedAt === null ? now : Date.parse(endedAt);
  return <span className="number">{renderDuration(Math.max(0, endMs - Date.parse(createdAt)))}</span>;
}

/** No process runs it, and it has not ended: its process stopped or died. */
function canResume({ status, isRun }: ThreadView): boolean {
  return !isRun && (status === "running" || status === "queued" || status === "cancelled");
}

function canCancel({ status }: ThreadView): boolean {
  return status === "running" || status === "waiting" || status === "queued";
}
