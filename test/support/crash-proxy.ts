import { connect, createServer, type Server, type Socket } from "node:net";

/** A proxy before Postgres that sees each statement which changes something, and can act on the n-th. */
export interface CrashProxy {
  /** Database URL through the proxy. */
  readonly url: string;
  /** The writing statements since `arm`, in their order, as their first words. */
  readonly writes: readonly string[];
  /**
   * Counts from zero again, and calls `crash` at the n-th write: when it arrives, which is before Postgres sees it, or when
   * Postgres has done it and its client does not know that.
   */
  arm(nth: number, moment: Moment, crash: () => void): void;
  close(): Promise<void>;
}

/** `before` a statement is done, or `after` it. */
export type Moment = "before" | "after";

interface State {
  writes: string[];
  nth: number;
  moment: Moment;
  crash: () => void;
}

/** Opens a proxy on a free port. Connections must not use TLS. */
export async function openCrashProxy(databaseUrl: string): Promise<CrashProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const state: State = { writes: [], nth: 0, moment: "before", crash: () => undefined };
  /** Keeps a write. @returns whether it is the one to act at. */
  const isNth = (text: string) => state.writes.push(nameOf(text)) === state.nth;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    let isLast = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    const statements = statementReader();
    client.on("data", (chunk) => {
      const write = statements(chunk).filter(isWrite).find(isNth);
      if (write === undefined || state.moment === "after") {
        isLast ||= write !== undefined;
        upstream.write(chunk);
        return;
      }
      state.crash();
      end();
    });
    const messages = messageReader();
    upstream.on("data", (chunk) => {
      const isDone = messages(chunk).some(({ type }) => type === "Z");
      if (!isLast) client.write(chunk);
      else if (isDone) {
        state.crash();
        end();
      }
    });
    client.on("close", end);
    upstream.on("close", end);
  });
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = `${await listen(server)}`;
  return {
    url: url.href,
    get writes() {
      return state.writes;
    },
    arm: (nth, moment, crash) => Object.assign(state, { writes: [], nth, moment, crash }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
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
