import { useEffect, useRef, useState } from "react";
import { ApiError, get } from "./api.ts";

export interface Resource<T> {
  readonly value: T | null;
  readonly error: ApiError | null;
}

/** The time to collect changes before the next request to the server. */
const GATHER_MS = 500;

/**
 * The server's answer for a path: loaded immediately, and again after each change of `version`, at most twice a second.
 * The old answer stays until the new one arrives. Null loads nothing.
 */
export function useResource<T>(path: string | null, version = ""): Resource<T> {
  const [state, setState] = useState<Resource<T> & { path: string | null }>({
    path,
    value: null,
    error: null,
  });
  const refresh = useRef<(() => void) | undefined>(undefined);
  const asked = useRef(version);
  useEffect(() => {
    if (path === null) return;
    const left = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      timer = undefined;
      try {
        setState({ path, value: await get<T>(path, left.signal), error: null });
      } catch (error) {
        if (left.signal.aborted || !(error instanceof ApiError)) return;
        setState((old) => ({ path, value: old.path === path ? old.value : null, error }));
      }
    };
    refresh.current = () => {
      timer ??= setTimeout(load, GATHER_MS);
    };
    void load();
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [path]);
  useEffect(() => {
    if (asked.current !== version) refresh.current?.();
    asked.current = version;
  }, [version]);
  return state.path === path ? state : { value: null, error: null };
}
