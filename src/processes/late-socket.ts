import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** A stream whose socket comes later: until then it keeps what is written. */
export class LateSocket extends Duplex {
  #socket: Socket | undefined;
  #waiting: ((socket: Socket) => void)[] = [];
  #hasEnded = false;

  constructor() {
    super({ allowHalfOpen: false });
    this.on("error", () => undefined); // The process may not read it.
  }

  attach(socket: Socket): void {
    if (this.destroyed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    socket.on("error", () => undefined); // It closes then.
    socket.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
    for (const work of this.#waiting.splice(0)) work(socket);
  }

  /** Ends it after what has arrived. */
  cutOff(): void {
    if (this.#socket) this.#socket.destroy();
    else this.once("end", () => this.destroy()); // Nothing that waits for a socket ends by itself.
    this.#end();
  }

  override _read(): void {
    this.#socket?.resume();
  }

  /** What is written together is sent together. */
  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#whenAttached((socket) => {
      socket.cork();
      for (const [index, { chunk }] of chunks.entries()) {
        socket.write(chunk, index === chunks.length - 1 ? done : undefined);
      }
      socket.uncork();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    // A socket that is closed already does not call back.
    this.#whenAttached((socket) => (socket.destroyed ? done() : socket.end(() => done())));
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket?.destroy();
    done(error);
  }

  #whenAttached(work: (socket: Socket) => void): void {
    if (this.#socket) work(this.#socket);
    else this.#waiting.push(work);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.push(null);
  }
}
