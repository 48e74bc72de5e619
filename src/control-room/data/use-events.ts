import { useEffect, useState } from "react";
import type { RequestList, RequestView, ThreadRow } from "../../server/api-types.ts";
import { type ApiError, get } from "./api.ts";
import { follow } from "./live.ts";
import { mergeById } from "./merge.ts";

export interface Events {
  /** Open requests, oldest first, and those answered since the page opened. */
  readonly requests: readonly RequestView[];
  /** The threads in the last event. */
  readonly rows: readonly ThreadRow[];
  readonly isLive: boolean;
  /** Whether the server asks for the token. */
  readonly isLoggedOut: boolean;
}

/** The events of all threads. */
export function useEvents(): Events {
  const [events, setEvents] = useState<Events>({ requests: [], rows: [], isLive: false, isLoggedOut: false });
  useEffect(() => {
    const merge = (changes: readonly RequestView[]) =>
      setEvents((old) => ({ ...old, requests: withChanges(old.requests, changes) }));
    get<RequestList>("/requests").then(
      ({ requests }) => merge(requests),
      (error: ApiError) => setEvents((old) => ({ ...old, isLoggedOut: error.status === 401 })),
    );
    return follow("/events", ["threads", "requests"], {
      onEvent: (name, data) => {
        if (name === "requests") merge(data as readonly RequestView[]);
        else setEvents((old) => ({ ...old, rows: data as readonly ThreadRow[] }));
      },
      onState: (isLive) => setEvents((old) => ({ ...old, isLive })),
    });
  }, []);
  return events;
}

/** Keeps a request after its answer, so that the answer appears in place of the question. */
function withChanges(
  requests: readonly RequestView[],
  changes: readonly RequestView[],
): readonly RequestView[] {
  const known = new Set(requests.map(({ id }) => id));
  return mergeById(
    requests,
    changes.filter(({ id, status }) => status === "open" || known.has(id)),
  );
}
