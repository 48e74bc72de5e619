import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll } from "vitest";
import type { TestCli } from "./cli.ts";
import { type Studio, startStudio } from "./studio.ts";

/**
 * The server as `npm run studio` starts it, on the schema of the command line here, and clients of it.
 *
 * @returns a function, because the server runs only while tests run. Each call makes another client.
 */
export function useLangGraphServer(testCli: () => TestCli): () => Client {
  let studio: Studio | undefined;
  beforeAll(async () => {
    studio = await startStudio(testCli());
  });
  afterAll(() => studio?.stop());
  return () => {
    if (!studio) throw new Error("The server runs only while tests run.");
    return new Client({ apiUrl: studio.address, apiKey: studio.token });
  };
}
