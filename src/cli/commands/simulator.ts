import { parseScenario } from "../../simulator/scenario.ts";
import { startSimulator } from "../../simulator/server.ts";
import { numberOption, textOption } from "../arguments.ts";
import type { CommandFile } from "../cli.ts";
import { readJsonFile } from "../run-options.ts";

export const command: CommandFile = {
  options: {
    port: { value: "P", help: "port on 127.0.0.1; default: a free one" },
    latency: { value: "MS", help: "time until the first token; default 0" },
    "ms-per-token": { value: "MS", help: "time for each token of an answer; default 0" },
    seed: { value: "N", help: "what chance is made from; default 1" },
    script: { value: "F", help: "answers and faults to play, as JSON" },
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
      `Use it from another terminal: ANTHROPIC_BASE_URL=${simulator.url} ANTHROPIC_API_KEY=any. Ctrl-C ends it.`,
    );
    await new Promise((resolve) => cli.signal.addEventListener("abort", resolve, { once: true }));
    await simulator.close();
    return 130;
  },
};
