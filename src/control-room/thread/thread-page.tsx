import { lazy, Suspense } from "react";
import type { ThreadDetail } from "../../server/api-types.ts";
import { useThread } from "../data/use-thread.ts";
import { RequestCard } from "../inbox/request-card.tsx";
import { Notice } from "../parts/notice.tsx";
import { hashOf, type Route, THREAD_VIEWS, type ThreadView } from "../route.ts";
import { goTo } from "../use-route.ts";
import { HistoryView } from "./history-view.tsx";
import { LanesView } from "./lanes/lanes-view.tsx";
import { RunPanel } from "./run-panel.tsx";
import { TaskPanel } from "./task-panel/task-panel.tsx";
import { TaskTable } from "./task-table.tsx";
import { ThreadHead } from "./thread-head.tsx";

// React Flow is more than half of the page's code, and only this view needs it.
const GraphView = lazy(() => import("./graph/graph-view.tsx"));

type ThreadRoute = Extract<Route, { page: "thread" }>;

/** One thread: how it stands, its graph and tasks, what it asks, and its past. */
export function ThreadPage({ route }: { route: ThreadRoute }) {
  const { detail, error, isLive } = useThread(route.id);
  if (!detail) {
    return (
      <main className="page" id="main">
        {error ? <Notice tone="error">{error.message}</Notice> : <p className="empty">Loading…</p>}
      </main>
    );
  }
  const { thread, tasks, requests } = detail;
  const task = tasks.find(({ id }) => id === route.task);
  const isBeside = route.view === "graph" || route.view === "lanes" || route.view === "tasks";
  return (
    <main className="page thread-page" id="main">
      <ThreadHead thread={thread} tasks={tasks} isLive={isLive} />
      <Tabs route={route} open={requests.filter(({ status }) => status === "open").length} />
      <div className={isBeside ? "thread-body has-panel" : "thread-body"}>
        <section className={`thread-view view-${route.view}`} aria-label={route.view}>
          <View route={route} detail={detail} />
        </section>
        {isBeside && (
          <aside className="panel" aria-label={task ? `Task ${task.id}` : "The run"}>
            {task ? (
              <TaskPanel
                key={task.id}
                thread={thread.id}
                task={task}
                onClose={() => goTo({ ...route, task: null })}
              />
            ) : (
              <RunPanel thread={thread} />
            )}
          </aside>
        )}
      </div>
    </main>
  );
}

function Tabs({ route, open }: { route: ThreadRoute; open: number }) {
  return (
    <nav className="tabs" aria-label="Views of this thread">
      {THREAD_VIEWS.map((view: ThreadView) => (
        <a
          key={view}
          href={hashOf({ ...route, view })}
          aria-current={view === route.view ? "page" : undefined}
        >
          {view}
          {view === "requests" && open > 0 && <span className="count">{open}</span>}
        </a>
      ))}
    </nav>
  );
}

function View({ route, detail }: { route: ThreadRoute; detail: ThreadDetail }) {
  const { thread, tasks, requests } = detail;
  const select = (task: string) => goTo({ ...route, task });
  switch (route.view) {
    case "graph":
      return (
        <Suspense fallback={<p className="empty">Loading…</p>}>
          <GraphView detail={detail} selected={route.task} onSelect={select} />
        </Suspense>
      );
    case "lanes":
      return <LanesView tasks={tasks} selected={route.task} onSelect={select} />;
    case "tasks":
      return <TaskTable tasks={tasks} route={route} />;
    case "requests":
      return <Requests requests={requests} />;
    case "history":
      return <HistoryView thread={thread} />;
  }
}

function Requests({ requests }: { requests: ThreadDetail["requests"] }) {
  if (requests.length === 0) return <p className="empty">This thread has not asked anything yet.</p>;
  return (
    <ol className="requests">
      {requests.map((request) => (
        <li key={request.id}>
          <RequestCard request={request} />
        </li>
      ))}
    </ol>
  );
}
