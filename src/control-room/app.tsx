import { useEffect } from "react";
import type { Events } from "./data/use-events.ts";
import { useEvents } from "./data/use-events.ts";
import { InboxPage } from "./inbox/inbox-page.tsx";
import { hashOf, type Route } from "./route.ts";
import { ThreadPage } from "./thread/thread-page.tsx";
import { ThreadsPage } from "./threads/threads-page.tsx";
import { useRoute } from "./use-route.ts";

const THREADS: Route = { page: "threads", q: "", status: "", isStarting: false };

/** The whole page: the head, and the view in the address. */
export function App() {
  const route = useRoute();
  const events = useEvents();
  const waiting = events.requests.filter(({ status }) => status === "open").length;
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) Decurion` : "Decurion";
  }, [waiting]);
  if (events.isLoggedOut) return <LoggedOut />;
  return (
    <>
      <button type="button" className="skip" onClick={skipToMain}>
        Skip to the content
      </button>
      <Head route={route} waiting={waiting} isLive={events.isLive} />
      <Page route={route} events={events} />
    </>
  );
}

function Page({ route, events }: { route: Route; events: Events }) {
  if (route.page === "inbox") return <InboxPage requests={events.requests} />;
  if (route.page === "thread") return <ThreadPage route={route} />;
  return <ThreadsPage route={route} changes={events.rows} />;
}

function Head({ route, waiting, isLive }: { route: Route; waiting: number; isLive: boolean }) {
  return (
    <header className="head">
      <a className="brand" href={hashOf(THREADS)}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="7" />
          <path d="M9 9l14 14M23 9L9 23" />
        </svg>
        Decurion
      </a>
      <nav aria-label="Pages" className="pages">
        <a href={hashOf(THREADS)} aria-current={route.page === "inbox" ? undefined : "page"}>
          Threads
        </a>
        <a href={hashOf({ page: "inbox" })} aria-current={route.page === "inbox" ? "page" : undefined}>
          Inbox
          {waiting > 0 && <span className="count">{waiting}</span>}
        </a>
      </nav>
      <span role="status" className={isLive ? "link link-live" : "link"}>
        {isLive ? "live" : "connecting…"}
      </span>
    </header>
  );
}

/** A button, not a link: the hash is the route. */
function skipToMain(): void {
  const main = document.getElementById("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus();
}

function LoggedOut() {
  return (
    <main className="page" id="main">
      <p className="empty">
        Open this page with the link that <code>npm run studio</code> prints. The link contains the token that
        you need.
      </p>
    </main>
  );
}
