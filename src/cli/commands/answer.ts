import { commandLine } from "../../app.ts";
import { parseDecision } from "../../domain/decision.ts";
import { ThreadBusyError, UsageError } from "../../domain/errors.ts";
import type { HumanRequest } from "../../domain/request.ts";
import { renderLength } from "../../format/decision-text.ts";
import { isThreadLocked } from "../../postgres/lock-statements.ts";
import { getRequest, openRequests } from "../../postgres/requests.ts";
import { kindOf } from "../../requests/kinds.ts";
import { recordAnswer } from "../../runs/answer.ts";
import { JSON_OPTION, numberOption, textOption } from "../arguments.ts";
import type { Arguments, Cli, CommandFile, ExitCode } from "../cli.ts";
import { endThreadRun } from "../end-thread-run.ts";
import { refuseWhereNothingHasRun } from "../nothing-has-run.ts";
import { parseJson } from "../run-options.ts";
import { showCommand } from "../view/render-request.ts";
import { resumeThread } from "./resume.ts";

export const command: CommandFile = {
  options: {
    message: { value: "TEXT", help: "reject: the reason; respond: your answer. Claude reads it" },
    args: { value: "JSON", help: "edit: the new plan, prompt or arguments; respond: a value for the graph" },
    budget: { value: "USD", help: "raise the budget to this amount" },
    whole: { help: "approve a request that is too long to show at once: you have read all of it" },
    "no-resume": { help: "only record the answer" },
    json: JSON_OPTION,
  },
  positionals: [1, 2],
  run: answer,
};

async function answer(cli: Cli, args: Arguments): Promise<ExitCode> {
  const [requestId = "", word] = args.positionals;
  const decision = decisionFrom(args, word);
  await refuseWhereNothingHasRun(cli, `request ${requestId}`);
  const engine = await cli.engine();
  const request = await getRequest(engine.database, requestId);
  const { threadId } = request;
  const parsed = parseDecision(decision, requestId);
  if (parsed.type === "approve" && args.options["whole"] !== true) refuseLong(request);
  await recordAnswer(engine, requestId, parsed, cli.answerer);
  if (args.options["no-resume"] || (await isThreadLocked(engine.database, threadId))) {
    cli.note(
      `Your answer is recorded. The process that runs the thread continues with it. If there is none:\n  ${commandLine(`resume ${threadId}`)}`,
    );
    if (args.options["json"]) await endThreadRun(cli, threadId, true);
    return 0;
  }
  const left = await openRequests(engine.database, threadId);
  if (left.length > 0) {
    const ids = left.map((request) => request.id).join(", ");
    cli.note(`Your answer is recorded. The thread continues with it, and still waits for ${ids}.`);
  }
  try {
    return await resumeThread(cli, args, threadId);
  } catch (error) {
    if (!(error instanceof ThreadBusyError)) throw error;
    cli.note("Your answer is recorded. The process that runs the thread continues with it.");
    return 0;
  }
}

/** @throws UsageError for a request that nobody has seen whole without asking for it. */
function refuseLong(request: HumanRequest): void {
  const { size } = kindOf(request).view(request);
  if (request.status !== "open" || !size.isLong) return;
  throw new UsageError(
    `Request ${request.id} is too long to show at once: it has ${renderLength(size.characters)}. Read all of it with "${showCommand(request)}", then add --whole to approve it.`,
  );
}

/** The decision in the arguments. A budget alone approves that budget. */
function decisionFrom(args: Arguments, word: string | undefined): unknown {
  const message = textOption(args, "message");
  const changed = textOption(args, "args");
  const budgetUsd = numberOption(args, "budget", { min: 0.000001 });
  if (budgetUsd !== undefined) {
    if (changed !== undefined || (word !== undefined && word !== "approve" && word !== "edit")) {
      throw new UsageError("--budget goes with approve or alone, as in: answer <request> --budget 0.60.");
    }
    return { type: "edit", args: { budgetUsd } };
  }
  if (word === undefined && changed !== undefined)
    return { type: "edit", args: parseJson(changed, "--args") };
  if (word === undefined)
    throw new UsageError("The decision is missing. Add approve, edit, reject, respond or retry.");
  if (changed !== undefined && word !== "edit" && word !== "respond") {
    throw new UsageError("--args goes with edit or respond.");
  }
  const json = changed === undefined ? undefined : parseJson(changed, "--args");
  return {
    type: word,
    message,
    args: word === "edit" ? json : undefined,
    value: word === "edit" ? undefined : json,
  };
}
