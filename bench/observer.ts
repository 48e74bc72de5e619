import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Sees from outside, without the observed program's own delays, when answers end and when Postgres has recorded them. */
export interface Observer {
  /** The servers' addresses through the observer. */
  readonly claudeUrl: string;
  readonly databaseUrl: string;
  /** Of each answer: milliseconds from its last byte to Postgres's confirmation of the first statement with its request id. */
  windowsMs(): number[];
  /** When requests began to arrive and answers ended, in ms since the epoch. */
  moments(): { readonly requests: readonly number[]; readonly answers: readonly number[] };
  close(): void;
}

/** As many characters as can be cut off from a request id or a mark at the end of a chunk. */
const TAIL = 40;
const REQUEST_ID = /req_[A-Za-z0-9_]+(?=[^A-Za-z0-9_])/g;
const LAST_EVENT = /event: message_stop\r?\n/;
/** What Postgres says when a statement is done and committed: ReadyForQuery, outside a transaction. */
const IS_DONE = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

export async function openObserver(claudeUrl: string, databaseUrl: string): Promise<Observer> {
  const endedAt = new Map<string, number>();
  const recordedAt = new Map<string, number>();
  const requestedAt: number[] = [];
  const claude = await openProxy(claudeUrl, () => {
    let text = "";
    let requestId = "";
    return {
      fromClient: (chunk) => {
        if (chunk.includes("POST /v1/messages")) requestedAt.push(performance.now());
      },
      fromServer: (chunk) => {
        text = text.slice(-TAIL) + chunk.toString("latin1");
        requestId = text.match(REQUEST_ID)?.at(-1) ?? requestId;
        if (!endedAt.has(requestId) && LAST_EVENT.test(text)) endedAt.set(requestId, performance.now());
      },
    };
  });
  const database = await openProxy(databaseUrl, () => {
    let text = "";
    let sent: string[] = [];
    return {
      fromClient: (chunk) => {
        text = text.slice(-TAIL) + chunk.toString("latin1");
        sent.push(...(text.match(REQUEST_ID) ?? []));
      },
      fromServer: (chunk) => {
        if (!chunk.subarray(-IS_DONE.length).equals(IS_DONE)) return;
        for (const id of sent) if (!recordedAt.has(id)) recordedAt.set(id, performance.now());
        sent = [];
      },
    };
  });
  return {
    claudeUrl: claude.url,
    databaseUrl: database.url,
    windowsMs: () =>
      [...endedAt].flatMap(([id, at]) => {
        const recorded = recordedAt.get(id);
        return recorded === undefined ? [] : [recorded - at];
      }),
    moments: () => {
      const sinceEpoch = (at: number) => performance.timeOrigin + at;
      return { requests: requestedAt.map(sinceEpoch), answers: [...endedAt.values()].map(sinceEpoch) };
    },
    close: () => {
      claude.close();
      database.close();
    },
  };
}

interface Readers {
  fromClient?(chunk: Buffer): void;
  fromServer(chunk: Buffer): void;
}

/** Passes everything on and shows it to the readers of its connection. Connections must not use TLS. */
async function openProxy(target: string, readersOf: () => Readers) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const readers = readersOf();
    const upstream = connect(Number(port), hostname);
    const passOn = (from: Socket, to: Socket, read: ((chunk: Buffer) => void) | undefined) => {
      sockets.add(from);
      from.setNoDelay(true);
      from.on("data", (chunk: Buffer) => {
        read?.(chunk);
        to.write(chunk);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.end();
      });
    };
    passOn(client, upstream, readers.fromClient);
    passOn(upstream, client, readers.fromServer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href.replace(/\/$/, ""),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
