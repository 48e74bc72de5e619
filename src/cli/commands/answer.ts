import { parseDecision } from "../../core/decisions.ts";
import { UsageError } from "../../core/errors.ts";
import { recordAnswer } from "../../engine/answer.ts";
import { getRequest, openRequests } from "../../postgres/requests.ts";
import { isThreadLocked } from "../../postgres/session-locks.ts";
import { textOption } from "../arguments.ts";
import type { Arguments, Cli, Command, ExitCode } from "../cli.ts";
import { endThreadRun } from "../follow-thread.ts";
import { parseJson } from "../run-options.ts";
import { resumeThread } from "./resume.ts";

export const answerCommand: Command = {
  name: "answer",
  usage: "<request> approve|edit|reject",
  summary: "answer what a thread asks, and go on with it",
  options: {
    message: { value: "TEXT", help: "why it is rejected; a new plan heeds it" },
    args: { value: "JSON", help: "with edit: the changed arguments" },
    "no-resume": { help: "only record the answer" },
    json: { help: "print one JSON document" },
  },
  positionals: [2, 2],
  run: answer,
};

async function answer(cli: Cli, args: Arguments): Promise<ExitCode> {
  const [requestId = "", word = ""] = args.positionals;
  const engine = await cli.engine();
  const { threadId } = await getRequest(engine.database, requestId);
  await recordAnswer(engine, requestId, parseDecision(decisionFrom(args, word), requestId));
  if (args.options["no-resume"] || (await isThreadLocked(engine.database, threadId))) {
    cli.note(
      `Recorded. Thread ${threadId} goes on where it is run, or with: npm run graph -- resume ${threadId}`,
    );
    return args.options["json"] ? endThreadRun(cli, threadId, true) : 0;
  }
  const left = await openRequests(engine.database, threadId);
  if (left.length > 0) {
    cli.note(`Recorded. Thread ${threadId} also waits for ${left.map((request) => request.id).join(", ")}.`);
  }
  return resumeThread(cli, args, threadId);
}

function decisionFrom(args: Arguments, word: string): unknown {
  const message = textOption(args, "message");
  const changed = textOption(args, "args");
  if (changed !== undefined && word !== "edit") throw new UsageError("--args goes with edit.");
  return {
    type: word,
    ...(message !== undefined && { message }),
    ...(changed !== undefined && { args: parseJson(changed, "--args") }),
  };
}
