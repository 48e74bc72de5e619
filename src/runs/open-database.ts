import { resolve } from "node:path";
import type { Config } from "../domain/config.ts";
import { type Database, openDatabase } from "../postgres/database.ts";
import { ensureServer, runningUrl, serverStatus } from "../postgres/server/ensure-server.ts";
import type { Folders } from "./folders.ts";
import { makeHome } from "./home-folder.ts";

/** The database alone, for commands that only look. */
export async function openConfiguredDatabase(
  config: Config,
  folders: Pick<Folders, "project">,
  onProgress: (sentence: string) => void,
): Promise<Database> {
  const settings = { schema: config.databaseSchema, applicationName: "decurion", onNews: onProgress };
  if (config.databaseUrl !== undefined) return openDatabase({ ...settings, url: config.databaseUrl });
  const directory = resolve(folders.project, config.home);
  const findUrl = () => runningUrl(directory);
  const open = (url: string) => openDatabase({ ...settings, url, findUrl });
  await makeHome(directory);
  const { url } = await ensureServer({ directory, onProgress });
  // A server that was just stopping, by "db stop" or because it was idle, is started again.
  return open(url).catch(async () => open((await ensureServer({ directory, onProgress })).url));
}

/** Whether there is a database to look into. The folder's own server is made at the first run. */
export async function hasDatabase(
  { databaseUrl, home }: Config,
  { project }: Pick<Folders, "project">,
): Promise<boolean> {
  return databaseUrl !== undefined || (await serverStatus(resolve(project, home))).state !== "absent";
}
