import { useCallback, useEffect, useState } from "react";
import type { ThreadPage, ThreadRow } from "../../server/api-types.ts";
import { ApiError, get } from "../data/api.ts";
import { mergeRows } from "../data/merge.ts";

const PAGE_SIZE = 50;

export interface Threads {
  readonly rows: readonly ThreadRow[];
  readonly isLoading: boolean;
  readonly error: ApiError | null;
  /** Loads the next, older page. Undefined after the last one. */
  readonly loadMore: (() => void) | undefined;
}

interface State {
  readonly rows: readonly ThreadRow[];
  readonly cursor: string | null;
  readonly isLoading: boolean;
  readonly error: ApiError | null;
}

const EMPTY: State = { rows: [], cursor: null, isLoading: true, error: null };

/** The threads that match a search, newest first, page by page. `changes` are the threads in the last event. */
export function useThreads(q: string, status: string, changes: readonly ThreadRow[]): Threads {
  const [state, setState] = useState<State>(EMPTY);
  const load = useCallback(
    async (cursor: string | null, signal?: AbortSignal) => {
      const search = new URLSearchParams({ limit: String(PAGE_SIZE) });
      for (const [name, value] of Object.entries({ q, status, cursor: cursor ?? "" })) {
        if (value !== "") search.set(name, value);
      }
      setState((old) => ({ ...old, isLoading: true }));
      try {
        const page = await get<ThreadPage>(`/threads?${search}`, signal);
        setState((old) => ({
          rows: cursor === null ? page.threads : [...old.rows, ...page.threads],
          cursor: page.cursor,
          isLoading: false,
          error: null,
        }));
      } catch (error) {
        if (signal?.aborted || !(error instanceof ApiError)) return;
        setState((old) => ({ ...old, isLoading: false, error }));
      }
    },
    [q, status],
  );
  useEffect(() => {
    const left = new AbortController();
    void load(null, left.signal);
    return () => left.abort();
  }, [load]);
  useEffect(() => {
    setState((old) => (old.isLoading ? old : { ...old, rows: mergeRows(old.rows, changes, { q, status }) }));
  }, [changes, q, status]);
  const { cursor, ...shown } = state;
  const canLoad = cursor !== null && !state.isLoading;
  return { ...shown, loadMore: canLoad ? () => void load(cursor) : undefined };
}
