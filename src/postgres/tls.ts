import { connect } from "node:net";

/** The protocol's request for TLS: a length of 8, and a code. The server answers with one letter. */
const TLS_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const ANSWER_WITHIN_MS = 5000;

/**
 * An address whose `sslmode` means to the driver what it means to psql. `require` encrypts and checks no certificate unless
 * `sslrootcert` is given; `prefer` and `allow` encrypt where the server can. The driver takes all of them for `verify-full`.
 */
export async function withTls(url: string): Promise<string> {
  if (!URL.canParse(url)) return url;
  const address = new URL(url);
  const { searchParams } = address;
  const mode = searchParams.get("sslmode");
  if (mode === null || searchParams.has("uselibpqcompat")) return url;
  // The roots of the system are the driver's default.
  if (searchParams.get("sslrootcert") === "system") searchParams.delete("sslrootcert");
  if (mode === "prefer" || mode === "allow") {
    searchParams.set("sslmode", (await speaksTls(address)) ? "require" : "disable");
  }
  searchParams.set("uselibpqcompat", "true");
  return address.href;
}

/** Whether the server at an address speaks TLS; false when nothing answers, which connecting says better. */
function speaksTls({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, "") || "localhost",
      port: Number(port || 5432),
    });
    const end = (speaks: boolean) => {
      socket.destroy();
      resolve(speaks);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(false));
    socket.once("connect", () => socket.write(TLS_REQUEST));
    socket.once("data", (answer) => end(answer.toString("latin1").startsWith("S")));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}
