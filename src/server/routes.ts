/**
 * All routes of the server, LangGraph's and ours. `:name` is one segment, `*` any number of plain ones. The guard refuses every
 * other request, so that a route which a new version of a package adds is closed until somebody adds it here.
 */
const ROUTES = `
GET    /ok
GET    /info
POST   /assistants
POST   /assistants/search
POST   /assistants/count
GET    /assistants/:id
PATCH  /assistants/:id
DELETE /assistants/:id
GET    /assistants/:id/graph
GET    /assistants/:id/schemas
GET    /assistants/:id/subgraphs
GET    /assistants/:id/subgraphs/:namespace
POST   /assistants/:id/latest
POST   /assistants/:id/versions
POST   /threads
POST   /threads/search
POST   /threads/count
GET    /threads/:id
PATCH  /threads/:id
DELETE /threads/:id
POST   /threads/:id/copy
GET    /threads/:id/state
POST   /threads/:id/state
GET    /threads/:id/state/:checkpoint
POST   /threads/:id/state/checkpoint
GET    /threads/:id/history
POST   /threads/:id/history
POST   /threads/:id/commands
GET    /threads/:id/stream/events
POST   /threads/:id/stream/events
GET    /threads/:id/runs
POST   /threads/:id/runs
POST   /threads/:id/runs/stream
POST   /threads/:id/runs/wait
GET    /threads/:id/runs/:run
DELETE /threads/:id/runs/:run
GET    /threads/:id/runs/:run/join
GET    /threads/:id/runs/:run/stream
POST   /threads/:id/runs/:run/cancel
POST   /runs
POST   /runs/stream
POST   /runs/wait
POST   /runs/batch
GET    /runs/:run/stream
POST   /store/namespaces
POST   /store/items/search
GET    /store/items
PUT    /store/items
DELETE /store/items
POST   /ui/:graph
GET    /ui/:graph/:file
GET    /control
GET    /control/
GET    /control/*
GET    /control/api/*
POST   /control/api/drain
POST   /control/api/threads
POST   /control/api/threads/:id/resume
POST   /control/api/threads/:id/cancel
POST   /control/api/threads/:id/fork
GET    /control/api/threads/:id/tasks/:task
POST   /control/api/requests/:id/answer
`;

const routes = ROUTES.trim()
  .split("\n")
  .map((line) => {
    const [method = "", path = ""] = line.split(/\s+/);
    return { method, pattern: path.split("/").slice(1) };
  });

const PLAIN = /^[\w-][\w.-]*$/;

/** Whether the server has a route for this method and path. */
export function isServed(method: string, segments: readonly string[]): boolean {
  const wanted = method === "HEAD" ? "GET" : method;
  return routes.some((route) => route.method === wanted && fits(route.pattern, segments));
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.at(-1) !== "*") {
    return (
      pattern.length === segments.length && pattern.every((part, at) => fitsOne(part, segments[at] ?? ""))
    );
  }
  const fixed = pattern.slice(0, -1);
  const rest = segments.slice(fixed.length);
  return (
    fits(fixed, segments.slice(0, fixed.length)) && rest.length > 0 && rest.every((one) => PLAIN.test(one))
  );
}

function fitsOne(part: string, segment: string): boolean {
  return part.startsWith(":") ? segment !== "" : part === segment;
}
