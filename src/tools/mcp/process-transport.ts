import { ReadBuffer, serializeMessage } from "@modelcontextprotocol/sdk/shared/stdio.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { AgentProcess } from "../../processes/start-process.ts";

/** One message of a server at most; a longer one ends the connection. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
export const TOO_LONG = `sent a message of more than ${MAX_MESSAGE_BYTES / 1024 / 1024} MB`;
/** What is kept of what a server says on its standard error, for the sentence about its end. */
const SAID_CHARACTERS = 2000;
/** How long a server may take to end by itself once its standard input is closed. */
const GRACE_MS = 1000;

/**
 * Speaks with an MCP server over a process's standard input and output. Lines that are no messages are passed over:
 * servers print banners where they should not.
 */
export class ProcessTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** The last of what the server said on its standard error. */
  said = "";
  /** The exit code, once it has ended by itself. */
  endedWith: number | null | undefined;
  readonly #start: () => AgentProcess;
  readonly #kill: () => void;
  readonly #buffer = new ReadBuffer({ maxBufferSize: MAX_MESSAGE_BYTES });
  #child: AgentProcess | undefined;

  /** @param kill - ends the process that `start` started with all that it has started itself. */
  constructor(start: () => AgentProcess, kill: () => void) {
    this.#start = start;
    this.#kill = kill;
  }

  async start(): Promise<void> {
    const child = this.#start();
    this.#child = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.said = `${this.said}${text}`.slice(-SAID_CHARACTERS);
    });
    child.stdout.on("data", (chunk: Buffer) => this.#read(chunk));
    const onEnd = (code: number | null) => {
      this.endedWith = code;
      this.#child = undefined;
      this.onclose?.();
    };
    child.once("error", (error) => {
      this.said = error.message;
      onEnd(null);
    });
    child.once("close", onEnd);
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#child) throw new Error("The server has ended.");
      this.#child.stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.stdin.end();
    const timer = setTimeout(this.#kill, GRACE_MS);
    await ended;
    clearTimeout(timer);
  }

  #read(chunk: Buffer): void {
    try {
      this.#buffer.append(chunk);
    } catch {
      this.said = `it ${TOO_LONG}`;
      this.#kill();
      return;
    }
    while (this.#readMessage());
  }

  /** @returns whether there may be another one. */
  #readMessage(): boolean {
    try {
      const message = this.#buffer.readMessage();
      if (message) this.onmessage?.(message);
      return message !== null;
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      return true; // The line is gone; the next one may be a message.
    }
  }
}
