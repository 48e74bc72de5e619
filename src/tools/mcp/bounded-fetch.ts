import { MAX_MESSAGE_BYTES } from "./process-transport.ts";

/** Fetches like `fetch`, but an answer that is longer than one message may be is cut off there, and `onTooLong` told. */
export function boundedFetch(
  onTooLong: () => void,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!response.body) return response;
    let bytes = 0;
    const limit = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes <= MAX_MESSAGE_BYTES) return controller.enqueue(chunk);
        controller.terminate();
        onTooLong();
      },
    });
    return new Response(response.body.pipeThrough(limit), response);
  };
}
