import type { Hono } from "hono";
import { openGraphs } from "../../src/runs/load-graphs.ts";
import { createApp } from "../../src/server/app.ts";
import type { Policy } from "../../src/server/guard.ts";
import { createSessions } from "../../src/server/sessions.ts";
import { WrongTokens } from "../../src/server/wrong-tokens.ts";
import { PACKAGE_FOLDER, type TestEngine } from "./engine.ts";

export const TOKEN = "the-token-of-this-test-which-nobody-else-has";
export const ORIGIN = "http://127.0.0.1:2024";

/** The control room on a test's engine, as a client with the token sees it. */
export interface TestRoom {
  readonly app: Hono;
  /** What it reported to nobody in particular. */
  readonly reports: string[];
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<{ readonly status: number; readonly body: T }>;
}

export function openRoom(
  testEngine: () => TestEngine,
  pageFolder = PACKAGE_FOLDER,
  settings: Partial<Policy> = {},
): TestRoom {
  const reports: string[] = [];
  const policy: Policy = {
    token: TOKEN,
    wrongTokens: new WrongTokens(),
    host: undefined,
    origins: [],
    sessions: createSessions("the-key-of-this-test"),
    ...settings,
  };
  const app = createApp({
    engine: () => Promise.resolve(testEngine().engine),
    user: "somebody@here",
    graphs: openGraphs({
      modules: { publicUrl: "unused:", importBuiltIn: () => import("../../graphs/orchestrate.ts") },
      folders: { package: PACKAGE_FOLDER, project: PACKAGE_FOLDER },
      home: PACKAGE_FOLDER,
      engine: () => Promise.resolve(testEngine().engine),
    }),
    report: (sentence) => void reports.push(sentence),
    policy: () => Promise.resolve(policy),
    pageFolder,
  });
  const headers = { "x-api-key": TOKEN };
  return {
    app,
    reports,
    get: async (path) => {
      const response = await app.request(`${ORIGIN}/control/api/${path}`, { headers });
      return (await response.json()) as never;
    },
    post: async (path, body) => {
      const response = await app.request(`${ORIGIN}/control/api/${path}`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { ...headers, "content-type": "application/json" },
      });
      return { status: response.status, body: (await response.json()) as never };
    },
  };
}
