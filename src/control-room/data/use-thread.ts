import { useEffect, useState } from "react";
import type { RequestView, TaskRow, ThreadDetail, ThreadView } from "../../server/api-types.ts";
import { ApiError, get } from "./api.ts";
import { follow } from "./live.ts";
import { mergeById, mergeTasks } from "./merge.ts";

/** The wait before the next request to a server that did not answer. */
const RETRY_MS = 2000;

export interface LiveThread {
  readonly detail: ThreadDetail | null;
  /** Set without a detail. */
  readonly error: ApiError | null;
  readonly isLive: boolean;
}

const NONE: LiveThread = { detail: null, error: null, isLive: false };

/** A thread and its changes. */
export function useThread(id: string): LiveThread {
  const [state, setState] = useState<LiveThread & { id: string }>({ ...NONE, id });
  useEffect(() => {
    const ended = new AbortController();
    let unfollow: (() => void) | undefined;
    const path = `/threads/${encodeURIComponent(id)}`;
    const load = async (): Promise<void> => {
      try {
        const detail = await get<ThreadDetail>(path, ended.signal);
        setState({ id, detail, error: null, isLive: false });
      } catch (error) {
        if (ended.signal.aborted || !(error instanceof ApiError)) return;
        setState({ id, detail: null, error, isLive: false });
        if (error.status === 0) setTimeout(() => !ended.signal.aborted && load(), RETRY_MS);
        return;
      }
      if (ended.signal.aborted) return;
      unfollow = follow(`${path}/events`, ["thread", "tasks", "requests"], {
        onEvent: (name, data) =>
          setState((old) => (old.detail ? { ...old, detail: changed(old.detail, name, data) } : old)),
        onState: (isLive) => setState((old) => ({ ...old, isLive })),
      });
    };
    void load();
    return () => {
      ended.abort();
      unfollow?.();
    };
  }, [id]);
  return state.id === id ? state : NONE;
}

function changed(detail: ThreadDetail, name: string, data: unknown): ThreadDetail {
  if (name === "thread") return { ...detail, thread: data as ThreadView };
  if (name === "tasks") return { ...detail, tasks: mergeTasks(detail.tasks, data as readonly TaskRow[]) };
  return { ...detail, requests: mergeById(detail.requests, data as readonly RequestView[]) };
}
