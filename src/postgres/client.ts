import { Socket } from "node:net";
import pg from "pg";
import type { Silence } from "./silence.ts";
import { throwOurs } from "./trouble.ts";

type Statement = (...given: readonly unknown[]) => unknown;

/** A connection whose statements are watched, and which can be cut. Its errors are marked as our own database's. @internal */
export class DatabaseClient extends pg.Client {
  /** The backend's process id, as the backend says it: behind a pooler the protocol says another one. */
  backendPid = 0;
  readonly #socket: Socket;

  constructor(config: pg.ClientConfig, silence: Silence) {
    const socket = new Socket();
    super({ ...config, stream: () => socket });
    this.#socket = socket;
    const query: Statement = this.query.bind(this);
    Object.defineProperty(this, "query", {
      value: (...given: readonly unknown[]) => this.#watched(query, given, silence.begin(this)),
    });
  }

  /** Ends the connection without a goodbye: nothing may answer. */
  cut(): void {
    this.#socket.destroy();
  }

  /** A statement ends with a callback, which the pool passes, or with a promise. */
  #watched(query: Statement, given: readonly unknown[], end: () => void): unknown {
    const callback = given.at(-1);
    if (typeof callback === "function") {
      return query(...given.slice(0, -1), (...results: readonly unknown[]) => {
        end();
        Reflect.apply(callback, undefined, results);
      });
    }
    const result = query(...given);
    if (result instanceof Promise) return result.finally(end).catch(throwOurs);
    end();
    return result;
  }
}
