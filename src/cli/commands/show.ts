import { UsageError } from "../../domain/errors.ts";
import { getRequest } from "../../postgres/requests.ts";
import { reportThread } from "../../runs/report.ts";
import { JSON_OPTION, textOption } from "../arguments.ts";
import type { Cli, CommandFile, ExitCode } from "../cli.ts";
import { renderJson } from "../end-thread-run.ts";
import { refuseWhereNothingHasRun } from "../nothing-has-run.ts";
import { renderAnswerHint } from "../view/answer-hint.ts";
import { pageFor, widthOf } from "../view/render-options.ts";
import { renderReport } from "../view/render-report.ts";
import { renderWhole } from "../view/render-request.ts";

export const command: CommandFile = {
  options: {
    request: { value: "ID", help: "show a request whole, however long it is, and how to answer it" },
    json: JSON_OPTION,
  },
  positionals: [0, 1],
  run: async (cli, args) => {
    const [id] = args.positionals;
    const json = args.options["json"] === true;
    const requestId = textOption(args, "request");
    if ((id === undefined) === (requestId === undefined)) {
      throw new UsageError('"show" needs one thread, or --request with one request.');
    }
    if (requestId !== undefined) return showRequest(cli, requestId, json);
    await refuseWhereNothingHasRun(cli, `thread ${id}`);
    const report = await reportThread(await cli.database(), id ?? "");
    const page = pageFor(cli.out, cli.color);
    cli.print(json ? renderJson(report) : renderReport(report, page, widthOf(cli.out)));
    return 0;
  },
};

async function showRequest(cli: Cli, id: string, json: boolean): Promise<ExitCode> {
  await refuseWhereNothingHasRun(cli, `request ${id}`);
  const request = await getRequest(await cli.database(), id);
  const hints = request.status === "open" ? renderAnswerHint(request, undefined, true) : [];
  cli.print(
    json
      ? JSON.stringify(request, null, 2)
      : [
          renderWhole(request, pageFor(cli.out, cli.color)),
          ...(hints.length > 0 ? ["", ...hints.map((hint) => `  ${hint}`)] : []),
        ].join("\n"),
  );
  return 0;
}
