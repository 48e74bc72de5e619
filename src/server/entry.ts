import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { readEnvironment, userAtHost } from "../app.ts";
import { hiding, secretsOf } from "../domain/secrets.ts";
import { hostEngine } from "../runs/engine-holder.ts";
import { type GraphModules, openGraphs } from "../runs/load-graphs.ts";
import { openEngine } from "../runs/open-engine.ts";
import { createApp } from "./app.ts";
import type { ControlRoom } from "./control-room.ts";
import type { Policy } from "./guard.ts";
import { keepThreads } from "./keep-threads.ts";
import { createAuth } from "./langgraph-auth.ts";
import { STUDIO_ORIGINS } from "./origins.ts";
import { readServerId } from "./server-id.ts";
import { createSessions } from "./sessions.ts";
import { readSessionKey, readToken } from "./token.ts";
import { WrongTokens } from "./wrong-tokens.ts";

const { config, folders } = readEnvironment();
const home = resolve(folders.project, config.home);
let read: Promise<Policy> | undefined;

/** Reads the secrets at the first request. The command that starts the server has created them before. */
async function readPolicy(): Promise<Policy> {
  return {
    token: await readToken(home),
    sessions: createSessions(await readSessionKey(home)),
    wrongTokens: new WrongTokens(),
    host: config.serverHost,
    origins: [...STUDIO_ORIGINS, ...config.allowedOrigins],
  };
}
const policy = () => {
  read ??= readPolicy();
  return read;
};

const hide = hiding(secretsOf(config));
const report = (sentence: string) => void process.stderr.write(`decurion: ${hide(sentence)}\n`);
const { engine } = hostEngine(async () => openEngine(config, folders, report, [], await readServerId(home)));
const modules: GraphModules = {
  publicUrl: new URL(`../index${extname(import.meta.url)}`, import.meta.url).href,
  importBuiltIn: (file) => import(pathToFileURL(file).href),
};
/** The graphs for the server's generated configuration. */
export const graphs = openGraphs({ modules, folders, home, engine });

const room: ControlRoom = {
  engine,
  user: userAtHost(),
  graphs,
  report,
};
keepThreads(room);

/** For the LangGraph server: `http.app` and `auth.path` of langgraph.json. */
export const app = createApp({ ...room, policy, pageFolder: join(folders.package, "src", "server", "page") });
export const auth: ReturnType<typeof createAuth> = createAuth(policy);
