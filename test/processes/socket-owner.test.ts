import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import { isFromAgent, ownerOf } from "../../src/processes/socket-owner.ts";
import { startProcess } from "../../src/processes/start-process.ts";

/** A server, and the connection that somebody opens to it. */
async function connectionFrom(client: (port: number) => void): Promise<Socket> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  client((server.address() as AddressInfo).port);
  const [socket] = (await once(server, "connection")) as [Socket];
  onTestFinished(() => void socket.destroy());
  return socket;
}

describe("the other end of a connection", () => {
  it("is known by its user and its process", async () => {
    const socket = await connectionFrom((port) => {
      const own = connect(port, "127.0.0.1");
      onTestFinished(() => void own.destroy());
    });
    const owner = await ownerOf(socket);
    expect(owner?.uid).toBe(process.getuid?.());
    expect(await owner?.isHeldBy([process.ppid, process.pid])).toBe(true);
    expect(await owner?.isHeldBy([process.ppid])).toBe(false);
    expect(await isFromAgent(socket)).toBe(false);
  });

  it("is an agent's when its process is one, whatever it did to its environment", async () => {
    const memory = new ProcessScope("thread/task", 500);
    onTestFinished(() => memory.close());
    const { signal } = new AbortController();
    const socket = await connectionFrom((port) => {
      const script = `exec env -i /bin/bash -c 'exec 9<>/dev/tcp/127.0.0.1/${port}; sleep 100'`;
      startProcess("bash", ["-c", script], { memory, signal });
    });
    expect(await isFromAgent(socket)).toBe(true);
  });
});
