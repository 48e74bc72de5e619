import { request } from "node:http";
import { connect } from "node:net";

export interface Reply {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

/** A request with exactly these headers and this path: fetch would mend some of them. */
export function askPort(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = "",
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The status of a request that is sent as these bytes. */
export function statusOfBytes(port: number, bytes: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes, "latin1"));
    socket.on("error", reject);
    socket.once("data", (piece) => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(piece.toString())?.[1]));
    });
  });
}
