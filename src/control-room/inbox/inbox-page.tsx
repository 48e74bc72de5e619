import type { RequestView } from "../../server/api-types.ts";
import { RequestCard } from "./request-card.tsx";

/** The requests of all threads, oldest first. */
export function InboxPage({ requests }: { requests: readonly RequestView[] }) {
  const open = requests.filter(({ status }) => status === "open").length;
  return (
    <main className="page page-narrow" id="main">
      <div className="page-head">
        <h1>Inbox</h1>
        <span role="status" className="muted">
          {open === 0 ? "Nothing waits for you." : `${open} ${open === 1 ? "waits" : "wait"} for you`}
        </span>
      </div>
      <ol className="requests">
        {requests.map((request) => (
          <li key={request.id}>
            <RequestCard request={request} hasThread />
          </li>
        ))}
      </ol>
    </main>
  );
}
