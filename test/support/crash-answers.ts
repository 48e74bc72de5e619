import type { CrashPoints } from "./crash-points.ts";
import { openRelay, type Relay } from "./crash-relay.ts";

/** The events of a stream that are points: the first one, and the last one, which comes with the last byte. */
const EVENTS = /event: (message_start|message_stop)\n.*\n\n/g;

/**
 * A proxy before the server that stands for Claude. The first and the last event of each stream are points: `before` the
 * process gets the event, although the server has sent it, or `after` the process got it and nothing behind it.
 */
export async function openAnswerProxy(
  serverUrl: string,
  points: CrashPoints,
): Promise<Relay & { readonly url: string }> {
  const relay = await openRelay(new URL(serverUrl), 80, ({ client, server, end }) => ({
    fromClient: (chunk) => void server.write(chunk),
    fromServer: (chunk) => {
      const text = chunk.toString("latin1");
      for (const event of text.matchAll(EVENTS)) {
        const moment = points.reach(`${event[1]} of an answer`);
        if (moment === undefined) continue;
        const upTo = moment === "before" ? event.index : event.index + event[0].length;
        client.write(chunk.subarray(0, upTo), () => {
          points.crash();
          end();
        });
        return;
      }
      client.write(chunk);
    },
  }));
  return { port: relay.port, close: relay.close, url: `http://127.0.0.1:${relay.port}` };
}
