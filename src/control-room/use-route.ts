import { useSyncExternalStore } from "react";
import { hashOf, parseRoute, type Route } from "./route.ts";

/** The current route. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(onHashChange, () => window.location.hash));
}

function onHashChange(notify: () => void): () => void {
  window.addEventListener("hashchange", notify);
  return () => window.removeEventListener("hashchange", notify);
}

/** Goes to a route. `replace` adds no step to the browser's history, for changes with each key. */
export function goTo(route: Route, { replace = false } = {}): void {
  const hash = hashOf(route);
  if (!replace) {
    window.location.hash = hash;
    return;
  }
  window.history.replaceState(null, "", hash);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}
