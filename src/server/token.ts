import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { link, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../domain/errors.ts";
import { readPrivateFile } from "../private-folder.ts";
import { makeHome } from "../runs/home-folder.ts";

/** The file's name in the folder of DECURION_HOME. */
export const TOKEN_FILE = "server-token";
const SESSION_KEY_FILE = "session-key";
const SECRET = /^[\w-]{43}$/;

/**
 * The token for all requests to the server, created at the first use. It is in a file that only its owner can read, and stays
 * the same over restarts, so that clients can keep using it.
 *
 * @param home - the folder of DECURION_HOME.
 * @throws UsageError when the file is there but holds no token.
 */
export async function readToken(home: string): Promise<string> {
  return readSecret(home, TOKEN_FILE);
}

/** The key that signs the sessions of browsers. The processes of one start share it. @throws UsageError as `readToken`. */
export async function readSessionKey(home: string): Promise<string> {
  return readSecret(home, SESSION_KEY_FILE);
}

/** Makes another key at the next reading, which ends all sessions. */
export async function forgetSessionKey(home: string): Promise<void> {
  await rm(join(home, SESSION_KEY_FILE), { force: true });
}

async function readSecret(home: string, name: string): Promise<string> {
  await makeHome(home); // Closes the folder to other users before a secret in it counts.
  const file = join(home, name);
  const secret = (await readIfThere(file)) ?? (await makeSecret(file));
  if (SECRET.test(secret)) return secret;
  throw new UsageError(`The file ${file} holds no token: remove it, and the next start creates another one.`);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readPrivateFile(file)).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes a private file and links it, so that two parallel starts get the same token. */
async function makeSecret(file: string): Promise<string> {
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
