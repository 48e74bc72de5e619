import { commandLine } from "../../app.ts";
import { parseDecision } from "../../domain/decision.ts";
import { ThreadBusyError, UsageError } from "../../domain/errors.ts";
import { getRequest, openRequests } from "../../postgres/requests.ts";
import { isThreadLocked } from "../../postgres/session-locks.ts";
import { recordAnswer } from "../../runs/answer.ts";
import { numberOption, textOption } from "../arguments.ts";
import type { Arguments, Cli, CommandFile, ExitCode } from "../cli.ts";
import { endThreadRun } from "../end-thread-run.ts";
import { refuseWhereNothingHasRun } from "../nothing-has-run.ts";
import { parseJson } from "../run-options.ts";
import { resumeThread } from "./resume.ts";

export const command: CommandFile = {
  options: {
    message: { value: "TEXT", help: "why it is rejected, or what is to be done better; Claude heeds it" },
    args: { value: "JSON", help: "with edit: the changed plan, prompt or amount" },
    budget: { value: "USD", help: "raise the budget that is asked for to this" },
    "no-resume": { help: "only record the answer" },
    json: { help: "print one JSON document" },
  },
  positionals: [1, 2],
  run: answer,
};

async function answer(cli: Cli, args: Arguments): Promise<ExitCode> {
  const [requestId = "", word] = args.positionals;
  const decision = decisionFrom(args, word);
  await refuseWhereNothingHasRun(cli, `request ${requestId}`);
  const engine = await cli.engine();
  const { threadId } = await getRequest(engine.database, requestId);
  await recordAnswer(engine, requestId, parseDecision(decision, requestId), cli.answerer);
  if (args.options["no-resume"] || (await isThreadLocked(engine.database, threadId))) {
    cli.note(
      `Recorded. Thread ${threadId} goes on where it is run, or with: ${commandLine(`resume ${threadId}`)}`,
    );
    return args.options["json"] ? endThreadRun(cli, threadId, true) : 0;
  }
  const left = await openRequests(engine.database, threadId);
  if (left.length > 0) {
    const ids = left.map((request) => request.id).join(", ");
    cli.note(`Recorded. Thread ${threadId} goes on with that and still waits for ${ids}.`);
  }
  try {
    return await resumeThread(cli, args, threadId);
  } catch (error) {
    if (!(error instanceof ThreadBusyError)) throw error;
    cli.note(`Recorded. Thread ${threadId} goes on where it is run.`);
    return 0;
  }
}

/** The decision's word; a budget alone says yes to that budget. */
function decisionFrom(args: Arguments, word: string | undefined): unknown {
  const message = textOption(args, "message");
  const changed = textOption(args, "args");
  const budgetUsd = numberOption(args, "budget", { min: 0.000001 });
  if (budgetUsd !== undefined) {
    if (changed !== undefined || (word !== undefined && word !== "approve" && word !== "edit")) {
      throw new UsageError("--budget goes with approve, or stands alone: answer <request> --budget 0.60.");
    }
    return { type: "edit", args: { budgetUsd } };
  }
  if (word === undefined)
    throw new UsageError("Say what you decide: approve, edit, reject, respond or retry.");
  if (changed !== undefined && word !== "edit") throw new UsageError("--args goes with edit.");
  return {
    type: word,
    ...(message !== undefined && { message }),
    ...(changed !== undefined && { args: parseJson(changed, "--args") }),
  };
}
