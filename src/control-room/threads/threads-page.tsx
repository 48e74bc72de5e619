import { useCallback } from "react";
import type { ThreadRow } from "../../server/api-types.ts";
import { Notice } from "../parts/notice.tsx";
import { SearchField } from "../parts/search-field.tsx";
import { hashOf, type Route } from "../route.ts";
import { goTo } from "../use-route.ts";
import { StartRun } from "./start-run.tsx";
import { ThreadTable } from "./thread-table.tsx";
import { useThreads } from "./use-threads.ts";

const STATUSES = ["running", "waiting", "completed", "partial", "failed", "cancelled", "queued"];

interface ThreadsPageProps {
  readonly route: Extract<Route, { page: "threads" }>;
  /** The threads in the last event. */
  readonly changes: readonly ThreadRow[];
}

/** All threads, with search, filter and a form to start a run. */
export function ThreadsPage({ route, changes }: ThreadsPageProps) {
  const { q, status } = route;
  const { rows, isLoading, error, loadMore } = useThreads(q, status, changes);
  const search = useCallback(
    (text: string) => goTo({ page: "threads", q: text, status, isStarting: false }, { replace: true }),
    [status],
  );
  return (
    <main className="page" id="main">
      <div className="page-head">
        <h1>Threads</h1>
        <a className="button primary" href={hashOf({ ...route, isStarting: true })}>
          Start a run
        </a>
      </div>
      <div className="filters">
        <SearchField label="Search input, graph or id" value={q} onChange={search} />
        <nav aria-label="Status" className="choices">
          {["", ...STATUSES].map((one) => (
            <a
              key={one}
              href={hashOf({ ...route, status: one })}
              aria-current={one === status ? "true" : undefined}
            >
              {one === "" ? "all" : one}
            </a>
          ))}
        </nav>
      </div>
      {error && <Notice tone="error">{error.message}</Notice>}
      {rows.length > 0 && <ThreadTable rows={rows} />}
      {rows.length === 0 && !isLoading && !error && <NoThreads isFiltered={q !== "" || status !== ""} />}
      {loadMore && (
        <button type="button" className="more" onClick={loadMore}>
          Show older threads
        </button>
      )}
      <p role="status" className="hidden-text">
        {isLoading ? "Loading threads" : `${rows.length} threads are shown`}
      </p>
      {route.isStarting && <StartRun onClose={() => goTo({ ...route, isStarting: false })} />}
    </main>
  );
}

function NoThreads({ isFiltered }: { isFiltered: boolean }) {
  return (
    <p className="empty">
      {isFiltered ? "No thread matches." : "There are no threads yet. Start a run here or in the terminal."}
    </p>
  );
}
