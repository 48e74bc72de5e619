import { renderCount, renderDuration, renderUsd } from "../../../format/amounts.ts";
import type { TaskDetail, TaskRow } from "../../../server/api-types.ts";
import { useResource } from "../../data/use-resource.ts";
import { Attempts } from "../../parts/attempts.tsx";
import { Fact } from "../../parts/fact.tsx";
import { LongText } from "../../parts/long-text.tsx";
import { Notice } from "../../parts/notice.tsx";
import { StatusMark } from "../../parts/status-mark.tsx";
import { useNow } from "../../parts/use-now.ts";
import { Emotions } from "./emotions.tsx";
import { Turns } from "./turns.tsx";

interface TaskPanelProps {
  /** The API's path for the task. */
  readonly path: string;
  readonly task: TaskRow;
  readonly onClose: () => void;
}

/** Everything about one task and its agent. */
export function TaskPanel({ path, task, onClose }: TaskPanelProps) {
  // The row does not contain tool calls, so a running task is also loaded every two seconds.
  const look = useNow(task.status === "running", 2000);
  const version = JSON.stringify([task.status, task.attempts, task.costUsd, task.tokens, task.endedAt, look]);
  const { value: detail, error } = useResource<TaskDetail>(path, version);
  return (
    <div className="panel-body">
      <header className="panel-head">
        <div>
          <h2 className="mono">{task.id}</h2>
          <p className="muted">{task.description}</p>
        </div>
        <button type="button" className="quiet icon" aria-label="Close the task" onClick={onClose}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M4 4l8 8M12 4l-8 8" />
          </svg>
        </button>
      </header>
      <Facts task={task} confidence={detail?.task.confidence ?? null} />
      {task.error !== null && <Notice tone="error">{task.error}</Notice>}
      {error && <Notice tone="error">{error.message}</Notice>}
      {task.emotionalState && <Emotions state={task.emotionalState} />}
      {task.summary !== null && <p>{task.summary}</p>}
      {detail && <Content detail={detail} />}
    </div>
  );
}

function Facts({ task, confidence }: { task: TaskRow; confidence: number | null }) {
  const { agent, status, model, attempts, escalated, lane, tokens, costUsd, dependsOn } = task;
  const tries = `${attempts}${escalated ? ", the last on a stronger model" : ""}`;
  return (
    <>
      <p className="thread-facts">
        <StatusMark status={status} hasWord />
        <span className="chip">{agent}</span>
        {model !== null && <span className="chip">{model}</span>}
        {lane !== null && <span className="chip">lane {lane}</span>}
      </p>
      <dl className="facts">
        <Fact name="Cost" value={renderUsd(costUsd)} />
        <div>
          <dt>Time</dt>
          <dd className="number">
            <Elapsed task={task} />
          </dd>
        </div>
        <Fact name="Attempts" value={tries} />
        <Fact name="Tokens in" value={renderCount(tokens.input + tokens.cacheWrite)} />
        <Fact name="From the cache" value={renderCount(tokens.cacheRead)} />
        <Fact name="Tokens out" value={renderCount(tokens.output)} />
        {confidence !== null && <Fact name="Confidence" value={`${Math.round(confidence * 100)} %`} />}
      </dl>
      {dependsOn.length > 0 && <p className="muted">after {dependsOn.join(", ")}</p>}
    </>
  );
}

function Elapsed({ task: { startedAt, endedAt, ms, status } }: { task: TaskRow }) {
  const now = useNow(status === "running");
  if (ms !== null) return renderDuration(ms);
  if (startedAt === null || endedAt !== null) return "–";
  return renderDuration(Math.max(0, now - Date.parse(startedAt)));
}

function Content({ detail: { task, attempts, calls, toolCalls } }: { detail: TaskDetail }) {
  const { output, prompt } = task;
  return (
    <>
      {output !== null && (
        <section>
          <h3>Output</h3>
          <LongText text={output} label="Output" isProse />
        </section>
      )}
      {attempts.length > 0 && (
        <section>
          <h3>Attempts that failed</h3>
          <Attempts attempts={attempts} />
        </section>
      )}
      <details>
        <summary>Prompt</summary>
        <LongText text={prompt} label="Prompt of the task" isProse />
      </details>
      <Turns calls={calls} toolCalls={toolCalls} />
    </>
  );
}
