import { useState } from "react";
import type {
  Checkpoint,
  CheckpointPage,
  ForkBody,
  ThreadStarted,
  ThreadView,
} from "../../server/api-types.ts";
import { post } from "../data/api.ts";
import { useResource } from "../data/use-resource.ts";
import { Age } from "../parts/age.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Notice } from "../parts/notice.tsx";
import { useSending } from "../parts/use-sending.ts";
import { goTo } from "../use-route.ts";

/** The checkpoints of a thread, newest first. A run can start again from each. */
export function HistoryView({ thread }: { thread: ThreadView }) {
  const [pages, setPages] = useState<readonly string[]>([""]);
  const [picked, setPicked] = useState<Checkpoint | null>(null);
  const more = (before: string) => setPages((old) => [...old, before]);
  return (
    <>
      <ol className="checkpoints">
        {pages.map((before, index) => (
          <Checkpoints
            key={before}
            thread={thread}
            before={before}
            onPick={setPicked}
            onMore={index === pages.length - 1 ? more : undefined}
          />
        ))}
      </ol>
      {picked && <Fork thread={thread} checkpoint={picked} onClose={() => setPicked(null)} />}
    </>
  );
}

interface CheckpointsProps {
  readonly thread: ThreadView;
  readonly before: string;
  readonly onPick: (checkpoint: Checkpoint) => void;
  readonly onMore: ((before: string) => void) | undefined;
}

function Checkpoints({ thread, before, onPick, onMore }: CheckpointsProps) {
  const search = before === "" ? "" : `?before=${encodeURIComponent(before)}`;
  const path = `/threads/${encodeURIComponent(thread.id)}/history${search}`;
  const { value, error } = useResource<CheckpointPage>(path, `${thread.updatedAt} ${thread.status}`);
  const older = value?.before ?? null;
  return (
    <>
      {value?.checkpoints.map((checkpoint) => (
        <li key={checkpoint.id}>
          <div className="checkpoint-words">
            <span>
              <span className="checkpoint-step number muted">step {checkpoint.step}</span>{" "}
              {placeOf(checkpoint)}
            </span>
            <span className="muted">
              {checkpoint.summary !== "" && `${checkpoint.summary} · `}
              <Age instant={checkpoint.at} />
            </span>
          </div>
          {checkpoint.next.length > 0 && (
            <button
              type="button"
              aria-label={`Run again from step ${checkpoint.step}`}
              onClick={() => onPick(checkpoint)}
            >
              Run from here…
            </button>
          )}
        </li>
      ))}
      {error && (
        <li>
          <Notice tone="error">{error.message}</Notice>
        </li>
      )}
      {older !== null && onMore && (
        <li>
          <button type="button" className="quiet" onClick={() => onMore(older)}>
            Show older checkpoints
          </button>
        </li>
      )}
    </>
  );
}

function placeOf({ next }: Checkpoint): string {
  if (next.length === 0) return "the end";
  return next.includes("__start__") ? "the start" : `before ${next.join(", ")}`;
}

interface ForkProps {
  readonly thread: ThreadView;
  readonly checkpoint: Checkpoint;
  readonly onClose: () => void;
}

function Fork({ thread, checkpoint, onClose }: ForkProps) {
  const [isFresh, setFresh] = useState(false);
  const { send, isSending, error } = useSending();
  const fork = () =>
    void send(async () => {
      const body: ForkBody = { checkpoint: checkpoint.id, fresh: isFresh };
      const started = await post<ThreadStarted>(`/threads/${encodeURIComponent(thread.id)}/fork`, body);
      goTo({ page: "thread", id: started.thread, view: "graph", task: null });
    });
  return (
    <Dialog title={`Run again from step ${checkpoint.step}`} onClose={onClose}>
      <div className="dialog-body">
        <p>
          The thread returns to this checkpoint and continues with {checkpoint.next.join(", ")}. Later
          checkpoints stay in the history.
        </p>
        <label className="check">
          <input type="checkbox" checked={isFresh} onChange={({ target }) => setFresh(target.checked)} />
          Pay for all calls again, also for unchanged ones
        </label>
        {error && <Notice tone="error">{error.message}</Notice>}
        <div className="actions">
          <button type="button" className="primary" disabled={isSending} onClick={fork}>
            {isSending ? "Starting…" : "Fork and run"}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
