import type { CrashPoints } from "./crash-points.ts";
import { openRelay, type Relay } from "./crash-relay.ts";

/**
 * Opens a proxy before Postgres. Each statement that changes something is a point: `before` Postgres sees it, or `after`
 * Postgres has done it, which its client does not know. Connections must not use TLS.
 */
export async function openCrashProxy(
  databaseUrl: string,
  points: CrashPoints,
): Promise<Relay & { readonly url: string }> {
  const url = new URL(databaseUrl);
  const relay = await openRelay(url, 5432, ({ client, server, end }) => {
    const statements = statementReader();
    const messages = messageReader();
    let isLast = false;
    const crash = () => {
      points.crash();
      end();
    };
    return {
      fromClient: (chunk) => {
        const moments = statements(chunk)
          .filter(isWrite)
          .map((text) => points.reach(nameOf(text)));
        if (moments.includes("before")) return crash();
        isLast ||= moments.includes("after");
        server.write(chunk);
      },
      fromServer: (chunk) => {
        const isDone = messages(chunk).some(({ type }) => type === "Z");
        if (!isLast) client.write(chunk);
        else if (isDone) crash();
      },
    };
  });
  url.hostname = "127.0.0.1";
  url.port = `${relay.port}`;
  return { port: relay.port, close: relay.close, url: url.href };
}

/** What a statement writes first. Locks are nothing that stays. */
const WRITE = /(?<!FOR |DO |KEY )\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+[\w."]+/;

function isWrite(text: string): boolean {
  return WRITE.test(text);
}

function nameOf(text: string): string {
  return WRITE.exec(text)?.[0] ?? text;
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

/** Splits a stream of the protocol into messages: a type, a length that counts itself, a body. */
function messageReader(hasStartup = false): (chunk: Buffer) => Message[] {
  let rest: Buffer = Buffer.alloc(0);
  let isStartup = hasStartup;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const found: Message[] = [];
    for (;;) {
      const head = isStartup ? 0 : 1;
      if (rest.length < head + 4) return found;
      const end = head + rest.readUInt32BE(head);
      if (rest.length < end) return found;
      if (!isStartup) found.push({ type: String.fromCharCode(rest[0] ?? 0), body: rest.subarray(5, end) });
      isStartup = false;
      rest = rest.subarray(end);
    }
  };
}

/** The text of each statement that a client lets be executed. Prepared ones have their text only the first time. */
function statementReader(): (chunk: Buffer) => string[] {
  const messages = messageReader(true);
  const prepared = new Map<string, string>();
  return (chunk) =>
    messages(chunk).flatMap(({ type, body }) => {
      const words = body.toString("latin1").split("\0");
      if (type === "Q") return [words[0] ?? ""];
      if (type === "P") prepared.set(words[0] ?? "", words[1] ?? "");
      return type === "B" ? [prepared.get(words[1] ?? "") ?? ""] : [];
    });
}
