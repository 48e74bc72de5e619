import { lazy, Suspense } from "react";
import type { TaskRow, ThreadDetail } from "../../server/api-types.ts";
import { distinctTasks } from "../data/distinct-tasks.ts";
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

/** One thread: status, graph, tasks, requests and history. */
export function ThreadPage({ route }: { route: ThreadRoute }) {
  const { detail, error, isLive } = useThread(route.id);
  if (!detail) {
    return (
      <main className="page" id="main">
        {error ? <Notice tone="error">{error.message}</Notice> : <p className="empty">Loading…</p>}
      </main>
    );
  }
  const { thread, requests } = detail;
  const tasks = distinctTasks(detail.tasks);
  const place = tasks.findIndex(({ id }) => id === route.task);
  const [task, asServed] = [tasks[place], detail.tasks[place]];
  const open = requests.filter(({ status }) => status === "open").length;
  const isBeside = route.view === "graph" || route.view === "lanes" || route.view === "tasks";
  return (
    <main className="page thread-page" id="main">
      <ThreadHead thread={thread} tasks={tasks} waiting={open} isLive={isLive} />
      <Tabs route={route} open={open} />
      <div className={isBeside ? "thread-body has-panel" : "thread-body"}>
        <section className={`thread-view view-${route.view}`} aria-label={route.view}>
          <View route={route} detail={{ ...detail, tasks }} />
        </section>
        {isBeside && (
          <aside className="panel" aria-label={task ? `Task ${task.id}` : "The run"}>
            {task && asServed ? (
              <TaskPanel
                key={task.id}
                path={taskPath(thread.id, asServed)}
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

/** The API's path for one task. */
function taskPath(thread: string, { id, execution }: TaskRow): string {
  const node = execution === null ? "" : `?${new URLSearchParams({ execution })}`;
  return `/threads/${encodeURIComponent(thread)}/tasks/${encodeURIComponent(id)}${node}`;
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
  if (requests.length === 0) return <p className="empty">This thread has no requests yet.</p>;
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
