import { randomBytes } from "node:crypto";
import { appendFile, chmod, chown, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, UsageError } from "../../domain/errors.ts";
import type { Location, Programs } from "./location.ts";
import { runProgram } from "./run-as.ts";

/** fsync stays on, so that commits survive a crash of the machine too. */
const SETTINGS = `
# Decurion
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
jit = off
log_min_messages = warning
log_connections = off
`;

/**
 * Makes a new database cluster with a random password. Makes it under a private name and then renames it, so that one of
 * several parallel starts wins and the others find a complete cluster.
 */
export async function initialize(location: Location, { as, binaries }: Programs): Promise<void> {
  await mkdir(dirname(location.folder), { recursive: true, mode: 0o700 });
  const own = await mkdtemp(`${location.folder}.`);
  try {
    await chmod(own, 0o711);
    const password = randomBytes(24).toString("base64url");
    const data = join(own, "data");
    await mkdir(data, { mode: 0o700 });
    // initdb needs an empty folder, so the password's file is beside it.
    const passwordFile = join(own, "initdb-password");
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (as.kind === "user") for (const path of [data, passwordFile]) await chown(path, as.uid, as.gid);
    await initdb(join(binaries.folder, "bin", "initdb"), data, passwordFile, as);
    await rm(passwordFile);
    await appendFile(join(data, "postgresql.conf"), SETTINGS);
    await writeFile(join(own, "password"), password, { mode: 0o600 });
    await rename(own, location.folder);
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    if (!isTaken(error)) throw error;
  }
}

async function initdb(
  program: string,
  data: string,
  passwordFile: string,
  as: Programs["as"],
): Promise<void> {
  const args = ["-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C", "--auth=scram-sha-256"];
  try {
    await runProgram(as, program, [...args, `--pwfile=${passwordFile}`]);
  } catch (error) {
    const said = messageOf(error)
      .trim()
      .split("\n")
      .slice(1)
      .filter((line) => line.trim() !== "");
    const reason =
      said.find((line) => /error|fatal|could not|cannot/i.test(line)) ?? said.at(-1) ?? messageOf(error);
    throw new UsageError(
      `Postgres cannot be set up in ${data}: ${reason.trim()}. Fix that, or set DATABASE_URL.`,
      {
        cause: error,
      },
    );
  }
}

/** Whether another process was first. Its cluster is used then. */
function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST");
}
