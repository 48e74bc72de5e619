import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { readEnvironment, userAtHost } from "./cli/environment.ts";
import { runtime } from "./index.ts";
import { createApp } from "./server/app.ts";
import type { ControlRoom } from "./server/control-room.ts";
import type { Policy } from "./server/guard.ts";
import { keepDeadlines } from "./server/keep-deadlines.ts";
import { createAuth } from "./server/langgraph-auth.ts";
import { readToken } from "./server/token.ts";
import { WrongTokens } from "./server/wrong-tokens.ts";

const { config, folders } = readEnvironment();
const wrongTokens = new WrongTokens();
let token: Promise<string> | undefined;

/** Read at the first request: whoever starts the server has made the token by then. */
async function policy(): Promise<Policy> {
  token ??= readToken(resolve(folders.project, config.home));
  return {
    ...{ token: await token, wrongTokens, host: config.serverHost },
    trustsStudio: config.studioWithoutToken,
  };
}

const room: ControlRoom = {
  engine: runtime,
  user: userAtHost(),
  modules: {
    folder: folders.package,
    importGraphs: (file) => import(pathToFileURL(resolve(folders.package, file)).href),
  },
  report: (sentence) => void process.stderr.write(`decurion: ${sentence}\n`),
};
keepDeadlines(room);

/** What the LangGraph server mounts: `http.app` and `auth.path` of langgraph.json. */
export const app = createApp({ ...room, policy, pageFolder: join(folders.package, "src", "server", "page") });
export const auth = createAuth(policy);
