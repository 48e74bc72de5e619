import { reportThread } from "../../runs/report.ts";
import type { Command } from "../cli.ts";
import { renderJson } from "../follow-thread.ts";
import { pageFor } from "../view/render-options.ts";
import { renderReport } from "../view/render-report.ts";

export const showCommand: Command = {
  name: "show",
  usage: "<thread>",
  summary: "a thread's tasks, answer, cost and what it waits for",
  options: { json: { help: "print one JSON document" } },
  positionals: [1, 1],
  run: async (cli, { positionals: [id = ""], options }) => {
    const report = await reportThread(await cli.database(), id);
    cli.print(options["json"] ? renderJson(report) : renderReport(report, pageFor(cli.out, cli.color)));
    return 0;
  },
};
