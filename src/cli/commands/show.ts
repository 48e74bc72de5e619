import { reportThread } from "../../runs/report.ts";
import { JSON_OPTION } from "../arguments.ts";
import type { CommandFile } from "../cli.ts";
import { renderJson } from "../end-thread-run.ts";
import { refuseWhereNothingHasRun } from "../nothing-has-run.ts";
import { pageFor, widthOf } from "../view/render-options.ts";
import { renderReport } from "../view/render-report.ts";

export const command: CommandFile = {
  options: { json: JSON_OPTION },
  positionals: [1, 1],
  run: async (cli, { positionals: [id = ""], options }) => {
    await refuseWhereNothingHasRun(cli, `thread ${id}`);
    const report = await reportThread(await cli.database(), id);
    const page = pageFor(cli.out, cli.color);
    cli.print(options["json"] ? renderJson(report) : renderReport(report, page, widthOf(cli.out)));
    return 0;
  },
};
