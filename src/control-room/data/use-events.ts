import { useEffect, useState } from "react";
import type { RequestList, RequestView, ThreadRow } from "../../server/api-types.ts";
import { type ApiError, get } from "./api.ts";
import { follow } from "./live.ts";
import { mergeById } from "./merge.ts";

export interface Events {
  /** What waits for a human, oldest first, and what was answered since the page was opened. */
  readonly requests: readonly RequestView[];
  /** The threads that the last news were about. */
  readonly rows: readonly ThreadRow[];
  readonly isLive: boolean;
  /** Whether the server wants a login first. */
  readonly isLoggedOut: boolean;
}

/** What happens in all threads. */
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

/** Answered ones are kept if they were seen open, so that an answer shows where the question stood. */
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
