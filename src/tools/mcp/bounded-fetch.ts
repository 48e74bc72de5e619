import { MAX_MESSAGE_BYTES } from "./process-transport.ts";

/** Works like `fetch`, but cuts off an answer that is longer than the largest message, and calls `onTooLong`. */
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
