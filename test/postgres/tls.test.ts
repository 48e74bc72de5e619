import { createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { withTls } from "../../src/postgres/tls.ts";

/** A server that answers the request for TLS with this letter. @returns its address with the given parameters. */
async function answering(letter: "S" | "N", parameters: string): Promise<string> {
  const server = createServer((socket) => socket.once("data", () => socket.end(letter)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return `postgresql://u:p@127.0.0.1:${port}/d?${parameters}`;
}

const modeOf = async (url: string) => {
  const { searchParams } = new URL(await withTls(url));
  return [searchParams.get("sslmode"), searchParams.get("uselibpqcompat")];
};

it("sslmode prefer and allow take TLS where the server has it, and go without where it has not", async () => {
  for (const mode of ["prefer", "allow"]) {
    expect(await modeOf(await answering("S", `sslmode=${mode}`))).toEqual(["require", "true"]);
    expect(await modeOf(await answering("N", `sslmode=${mode}`))).toEqual(["disable", "true"]);
  }
});

it("the other modes mean what they mean to psql; an address without one is left as it is", async () => {
  for (const mode of ["disable", "require", "verify-ca", "verify-full"]) {
    expect(await modeOf(`postgresql://u@h/d?sslmode=${mode}`)).toEqual([mode, "true"]);
  }
  expect(await withTls("postgresql://u@h/d")).toBe("postgresql://u@h/d");
});
