import { createMessagesTransport } from "../calls/messages-transport.ts";
import { createService, type Service } from "../calls/service.ts";
import type { Config } from "../domain/config.ts";
import { UsageError } from "../domain/errors.ts";
import type { Thread } from "../domain/thread.ts";

/** Starts the bundled simulator of the Messages API. */
export type StartSimulator = () => Promise<{ readonly url: string; close(): Promise<void> }>;

/** The services that answer threads: one for Claude's server, one for the simulator. */
export interface Services {
  /**
   * The service that a thread began with: simulated and real answers never mix in one thread.
   *
   * @throws UsageError for a thread of Claude's when no key is set.
   */
  for(thread: Thread): Promise<Service>;
  close(): Promise<void>;
}

/** @param startSimulator - called at the first thread that needs it. */
export function createServices(config: Config, startSimulator: StartSimulator): Services {
  const { apiKey, baseUrl, streamIdleMs, outageMs } = config;
  let real: Service | undefined;
  let simulated: Promise<{ service: Service; close(): Promise<void> }> | undefined;
  const openSimulated = async () => {
    const server = await startSimulator();
    const transport = createMessagesTransport({ apiKey: "simulated", baseUrl: server.url, streamIdleMs });
    return { service: createService(transport, outageMs), close: () => server.close() };
  };
  return {
    for: async (thread) => {
      if (thread.simulated) {
        simulated ??= openSimulated();
        return (await simulated).service;
      }
      if (!apiKey) {
        throw new UsageError(`Thread ${thread.id} needs the Claude API to go on: set ANTHROPIC_API_KEY.`);
      }
      real ??= createService(createMessagesTransport({ apiKey, baseUrl, streamIdleMs }), outageMs);
      return real;
    },
    close: async () => {
      await simulated?.then((server) => server.close());
    },
  };
}
