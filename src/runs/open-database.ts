import { resolve } from "node:path";
import type { Config } from "../domain/config.ts";
import { secretsOf } from "../domain/secrets.ts";
import { type Database, openDatabase } from "../postgres/database.ts";
import { ensureServer, runningUrl, serverStatus } from "../postgres/server/ensure-server.ts";
import type { Folders } from "./folders.ts";
import { makeHome } from "./home-folder.ts";

/** Opens only the database, for commands that only read. */
export async function openConfiguredDatabase(
  config: Config,
  folders: Pick<Folders, "project">,
  onProgress: (sentence: string) => void,
): Promise<Database> {
  const settings = {
    schema: config.databaseSchema,
    applicationName: "decurion",
    onNews: onProgress,
    secrets: secretsOf(config),
  };
  if (config.databaseUrl !== undefined) return openDatabase({ ...settings, url: config.databaseUrl });
  const directory = resolve(folders.project, config.home);
  const findUrl = () => runningUrl(directory);
  const open = (url: string) => openDatabase({ ...settings, url, findUrl });
  await makeHome(directory);
  const { url } = await ensureServer({ directory, onProgress });
  // The server may just have been stopping, after "db stop" or because it was idle: start it again.
  return open(url).catch(async () => open((await ensureServer({ directory, onProgress })).url));
}

/** Whether there is a database. The folder's own server is created at the first run. */
export async function hasDatabase(
  { databaseUrl, home }: Config,
  { project }: Pick<Folders, "project">,
): Promise<boolean> {
  return databaseUrl !== undefined || (await serverStatus(resolve(project, home))).state !== "absent";
}
