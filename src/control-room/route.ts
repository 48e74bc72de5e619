/** The views of a thread, in the order of their tabs. */
export const THREAD_VIEWS = ["graph", "lanes", "tasks", "requests", "history"] as const;
export type ThreadView = (typeof THREAD_VIEWS)[number];

/** The place in the page. It is all in the address, so that a reload or a shared link shows the same. */
export type Route =
  | { readonly page: "threads"; readonly q: string; readonly status: string; readonly isStarting: boolean }
  | { readonly page: "thread"; readonly id: string; readonly view: ThreadView; readonly task: string | null }
  | { readonly page: "inbox" };

/** Reads the hash of an address. An unknown one leads to the list of threads. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [page = "", id = "", view = ""] = path.split("/").map(decoded);
  const search = new URLSearchParams(query);
  if (page === "inbox") return { page };
  if (page === "threads" && id !== "") {
    const known = THREAD_VIEWS.find((one) => one === view) ?? "graph";
    return { page: "thread", id, view: known, task: search.get("task") };
  }
  return {
    page: "threads",
    q: search.get("q") ?? "",
    status: search.get("status") ?? "",
    isStarting: search.has("new"),
  };
}

/** The hash of a route: `parseRoute(hashOf(route))` is the route. */
export function hashOf(route: Route): string {
  if (route.page === "inbox") return "#/inbox";
  const search = new URLSearchParams();
  if (route.page === "thread") {
    if (route.task !== null) search.set("task", route.task);
    return withQuery(`#/threads/${encodeURIComponent(route.id)}/${route.view}`, search);
  }
  if (route.q !== "") search.set("q", route.q);
  if (route.status !== "") search.set("status", route.status);
  if (route.isStarting) search.set("new", "");
  return withQuery("#/threads", search);
}

function withQuery(path: string, search: URLSearchParams): string {
  const query = search.toString();
  return query === "" ? path : `${path}?${query}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A typed address may have a stray percent sign.
  }
}
