import { connect, createServer, type Socket } from "node:net";

/** A server before another one, through which a process reaches it. */
export interface Relay {
  readonly port: number;
  close(): Promise<void>;
}

/** One connection of a process through a relay: what to do with what each side says. `end` cuts it. */
export type Link = (sides: {
  readonly client: Socket;
  readonly server: Socket;
  readonly end: () => void;
}) => {
  fromClient(chunk: Buffer): void;
  fromServer(chunk: Buffer): void;
};

/** Opens a relay on a free port. When one side closes, the other one is cut. */
export async function openRelay({ hostname, port }: URL, defaultPort: number, link: Link): Promise<Relay> {
  const sockets = new Set<Socket>();
  const relay = createServer((client) => {
    const server = connect(Number(port || defaultPort), hostname);
    const end = () => {
      client.destroy();
      server.destroy();
    };
    const { fromClient, fromServer } = link({ client, server, end });
    client.on("data", fromClient);
    server.on("data", fromServer);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        end();
      });
    }
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const address = relay.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => relay.close(resolve));
    },
  };
}
