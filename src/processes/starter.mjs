// Starts and ends the processes of agents for the engine. To start one copies the memory map of the process that does it,
// and waits for it: that takes this small process 2 ms, and the engine 10 ms for each 100 MB that it uses. Each message is
// about one process, by its number. Ends all of them when the engine is gone for any reason.
import { spawn } from "node:child_process";

/** A process waits until the engine watches it and has its streams. If the engine is gone before, the command does not start. */
const GATE = 'read -r go <&3 && exec 3<&- && exec "$@"';
/** The descriptors of its standard streams, and of the socket that it may share with the engine in addition. */
const STREAMS = [0, 1, 2, 4];
const GATE_STREAM = 3;

/** @type {Map<number, import("node:child_process").ChildProcess>} */
const running = new Map();

/** What cannot start must not end this process, on which all others depend. @param {import("./starter.ts").StartMessage} message */
function tryToStart(message) {
  try {
    start(message);
  } catch (error) {
    tell({ id: message.id, error: String(error) });
  }
}

/** @param {import("./starter.ts").StartMessage} message */
function start({ id, command, parameters, folder, environment, hasChannel }) {
  const child = spawn("/bin/sh", ["-c", GATE, "sh", command, ...parameters], {
    stdio: Array.from({ length: hasChannel ? 5 : 4 }, () => /** @type {const} */ ("pipe")),
    detached: true,
    cwd: folder,
    env: environment,
  });
  child.once("error", ({ message }) => tell({ id, error: message }));
  const { pid } = child;
  if (pid === undefined) return;
  for (const stream of child.stdio) stream?.on("error", () => undefined); // The process may not read it.
  running.set(id, child);
  child.once("exit", (code, signal) => {
    running.delete(id);
    killGroup(pid); // Kills what it left running.
    tell({ id, code, signal });
  });
  const streams = STREAMS.filter((at) => child.stdio[at]);
  for (const at of streams) {
    const isLast = at === streams.at(-1);
    tell({ id, pid, stream: at, isLast }, /** @type {import("node:net").Socket} */ (child.stdio[at]));
  }
}

/**
 * @param {import("./starter.ts").MessageFromStarter} message
 * @param {import("node:net").Socket} [stream]
 */
function tell(message, stream) {
  process.send?.(message, stream, {}, () => undefined); // When the engine is gone, the end of the input says so.
}

/** @param {number} pid */
function killGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}

/** @param {number} id */
function gateOf(id) {
  return /** @type {import("node:net").Socket | undefined} */ (running.get(id)?.stdio[GATE_STREAM]);
}

process.on("message", (/** @type {import("./starter.ts").MessageToStarter} */ message) => {
  if ("command" in message) tryToStart(message);
  else gateOf(message.id)?.end("go\n");
});
// The engine holds the other end. (Node does not report the end of a channel on which a stream is under way.)
process.stdin.resume().once("close", () => {
  for (const { pid } of running.values()) if (pid !== undefined) killGroup(pid);
  process.kill(process.pid);
});
