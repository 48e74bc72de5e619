/** Bytes of a body that is no answer: an error, a count or a model. */
const MOST_BYTES = 1024 * 1024;

/** `fetch` for the SDK, which reads everything but answers into memory: of those it gets the first part. */
export async function fetchBounded(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  const { status, statusText, headers, body } = response;
  const isAnswer = response.ok && /\/v1\/messages(\?|$)/.test(response.url);
  return isAnswer || !body ? response : new Response(await firstOf(body), { status, statusText, headers });
}

async function firstOf(body: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  while (size < MOST_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    size += value.length;
  }
  void reader.cancel().catch(() => undefined); // It may have ended.
  return new Uint8Array(Buffer.concat(pieces).subarray(0, MOST_BYTES));
}
