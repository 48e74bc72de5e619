import { parseShown, streamUrl } from "./api.ts";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

interface Follower {
  /** An event's name and its data, parsed. */
  readonly onEvent: (event: string, data: unknown) => void;
  /** Whether news arrive now. */
  readonly onState: (isLive: boolean) => void;
}

/**
 * Follows a stream of the server's events until the returned function is called. A stream that breaks is opened again,
 * also after the server was away, and then tells anew how everything stands. While the page is hidden nothing is
 * followed: a browser gives all its tabs only six connections to one server.
 */
export function follow(path: string, names: readonly string[], { onEvent, onState }: Follower): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;

  const close = () => {
    clearTimeout(retry);
    source?.close();
    source = undefined;
    onState(false);
  };
  const open = () => {
    close();
    const opened = new EventSource(streamUrl(path));
    source = opened;
    opened.onopen = () => {
      retryMs = FIRST_RETRY_MS;
      onState(true);
    };
    for (const name of names) {
      opened.addEventListener(name, ({ data }: MessageEvent<string>) => onEvent(name, parseShown(data)));
    }
    // The browser opens a stream again by itself only when it ended, not when the server refused it.
    opened.onerror = () => {
      close();
      retry = setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    };
  };
  const onVisibility = () => (document.hidden ? close() : open());

  document.addEventListener("visibilitychange", onVisibility);
  if (!document.hidden) open();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    close();
  };
}
