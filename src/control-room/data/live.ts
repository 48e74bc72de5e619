import { parseShown, streamUrl } from "./api.ts";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

interface Follower {
  /** Gets an event's name and its parsed data. */
  readonly onEvent: (event: string, data: unknown) => void;
  /** Gets whether the stream is open. */
  readonly onState: (isLive: boolean) => void;
}

/**
 * Follows a stream of the server's events until a call of the returned function. Opens a broken stream again, also after a
 * restart of the server; the stream then starts with the whole state. Closes it while the page is hidden: all tabs of a
 * browser share six connections to a server.
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
    // The browser reopens a stream after its end, but not after a refusal.
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
