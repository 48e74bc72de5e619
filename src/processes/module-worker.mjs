// Runs functions of one module for an agent, in a separate process. Both sides send one JSON message a line over the
// channel, so that output of the functions cannot pass for a message. The first message names the module.
import { Socket } from "node:net";
import { createInterface } from "node:readline";

const CHANNEL_DESCRIPTOR = 4;
const channel = new Socket({ fd: CHANNEL_DESCRIPTOR });
let module = "";
/** @type {Map<number, AbortController>} */
const running = new Map();

/** @param {Record<string, unknown>} message */
function send(message) {
  channel.write(`${JSON.stringify(message)}\n`);
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {{ id: number, name: string, parameters: unknown[] }} call */
async function run({ id, name, parameters }) {
  const stop = new AbortController();
  running.set(id, stop);
  try {
    const exported = await import(module);
    stop.signal.throwIfAborted(); // The abort may arrive before the start.
    if (typeof exported[name] !== "function")
      throw new Error(`There is no function "${name}" in the module.`);
    send({ id, value: (await exported[name](...parameters, stop.signal)) ?? null });
  } catch (error) {
    send({ id, error: messageOf(error) });
  } finally {
    running.delete(id);
  }
}

createInterface({ input: channel }).on("line", (line) => {
  const message = JSON.parse(line);
  if (message.module) {
    module = message.module;
    return;
  }
  if (!message.isAborted) return void run(message);
  running.get(message.id)?.abort();
  send({ id: message.id, isAcknowledged: true });
});
