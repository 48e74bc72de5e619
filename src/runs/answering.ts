import { createMessagesTransport } from "../calls/messages-transport.ts";
import { createService, type Service } from "../calls/service.ts";
import type { Config } from "../domain/config.ts";
import { UsageError } from "../domain/errors.ts";
import type { Thread } from "../domain/thread.ts";

/** Starts the bundled simulator of the Messages API. */
export type StartSimulator = () => Promise<{ readonly url: string; close(): Promise<void> }>;

/** The services that send calls: one to Claude's server, one to the simulator. */
export interface Services {
  /**
   * The service of a thread, always the same one: a thread never mixes simulated and real answers.
   *
   * @throws UsageError for a thread with real answers when no API key is set.
   */
  for(thread: Thread): Promise<Service>;
  close(): Promise<void>;
}

/** @param startSimulator - called for the first simulated thread. */
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
        throw new UsageError(`Thread ${thread.id} needs the Claude API to continue: set ANTHROPIC_API_KEY.`);
      }
      real ??= createService(createMessagesTransport({ apiKey, baseUrl, streamIdleMs }), outageMs);
      return real;
    },
    close: async () => {
      await simulated?.then((server) => server.close());
    },
  };
}
