import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { chmod, link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../domain/errors.ts";
import { makeHome } from "../runs/home-folder.ts";

/** The file's name in the folder of DECURION_HOME. */
export const TOKEN_FILE = "server-token";
const TOKEN = /^[\w-]{43}$/;

/**
 * The token for all requests to the server, created at the first use. It is in a file that only its owner can read, and stays
 * the same over restarts, so that clients can keep using it.
 *
 * @param home - the folder of DECURION_HOME.
 * @throws UsageError when the file is there but holds no token.
 */
export async function readToken(home: string): Promise<string> {
  const file = join(home, TOKEN_FILE);
  const token = (await readIfThere(file)) ?? (await makeToken(home, file));
  if (TOKEN.test(token)) return token;
  throw new UsageError(`The file ${file} holds no token: remove it, and the next start creates another one.`);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    const token = (await readFile(file, "utf8")).trim();
    await chmod(file, 0o600); // Somebody may have copied the folder with other rights.
    return token;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes a private file and links it, so that two parallel starts get the same token. */
async function makeToken(home: string, file: string): Promise<string> {
  await makeHome(home);
  const own = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(own, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  try {
    await link(own, file).catch(() => undefined); // Another process was first: its token is read below.
  } finally {
    await rm(own, { force: true });
  }
  return (await readIfThere(file)) ?? "";
}

/** Compares two texts in constant time. */
export function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
