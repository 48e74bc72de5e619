import { parseScenario } from "../../simulator/scenario.ts";
import { startSimulator } from "../../simulator/server.ts";
import { numberOption, textOption } from "../arguments.ts";
import type { CommandFile } from "../cli.ts";
import { readJsonFile } from "../run-options.ts";

export const command: CommandFile = {
  options: {
    port: { value: "P", help: "listen on this port of 127.0.0.1; default: a free one" },
    latency: { value: "MS", help: "wait before the first token; default: 0" },
    "ms-per-token": { value: "MS", help: "wait for each token of an answer; default: 0" },
    seed: { value: "N", help: "seed of the random choices; default: 1" },
    script: { value: "F", help: "play the answers and faults of JSON file F" },
  },
  positionals: [0, 0],
  run: async (cli, args) => {
    const port = numberOption(args, "port", { min: 0, max: 65_535, whole: true });
    const latencyMs = numberOption(args, "latency", { min: 0, max: 600_000 });
    const msPerToken = numberOption(args, "ms-per-token", { min: 0, max: 60_000 });
    const seed = numberOption(args, "seed", { min: 0, whole: true });
    const script = textOption(args, "script");
    const simulator = await startSimulator({
      ...(port !== undefined && { port }),
      ...(latencyMs !== undefined && { latencyMs }),
      ...(msPerToken !== undefined && { msPerToken }),
      ...(seed !== undefined && { seed }),
      ...(script !== undefined && { scenario: parseScenario(await readJsonFile(script)) }),
    });
    cli.print(simulator.url);
    cli.note(
      `Press Ctrl-C to stop. Set these variables for a client:\n  ANTHROPIC_BASE_URL=${simulator.url} ANTHROPIC_API_KEY=any`,
    );
    await new Promise((resolve) => cli.signal.addEventListener("abort", resolve, { once: true }));
    await simulator.close();
    return 130;
  },
};
