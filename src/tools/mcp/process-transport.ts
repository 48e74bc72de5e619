import { ReadBuffer, serializeMessage } from "@modelcontextprotocol/sdk/shared/stdio.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { tailOf } from "../../format/text.ts";
import type { AgentProcess } from "../../processes/agent-process.ts";

/** The largest message of a server. A longer one closes the connection. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
export const TOO_LONG = `sent a message of more than ${MAX_MESSAGE_BYTES / 1024 / 1024} MB`;
/** Characters of a server's standard error that are kept for the error message. */
const SAID_CHARACTERS = 2000;
/** How long a server may take to end after its standard input is closed. */
const GRACE_MS = 1000;

/**
 * Talks to an MCP server over the standard input and output of its process. Skips lines that are not messages, because
 * some servers print banners there.
 */
export class ProcessTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** The end of the server's standard error. */
  said = "";
  /** The exit code, when it ended without a kill. */
  endedWith: number | null | undefined;
  readonly #start: () => AgentProcess;
  readonly #kill: () => void;
  readonly #buffer = new ReadBuffer({ maxBufferSize: MAX_MESSAGE_BYTES });
  #child: AgentProcess | undefined;

  /** @param kill - kills the process from `start` and everything that it started. */
  constructor(start: () => AgentProcess, kill: () => void) {
    this.#start = start;
    this.#kill = kill;
  }

  async start(): Promise<void> {
    const child = this.#start();
    this.#child = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.said = tailOf(`${this.said}${text}`, SAID_CHARACTERS);
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

  /** @returns whether to look for another one. */
  #readMessage(): boolean {
    try {
      const message = this.#buffer.readMessage();
      if (message) this.onmessage?.(message);
      return message !== null;
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      return true; // The line is skipped; the next one may be a message.
    }
  }
}
