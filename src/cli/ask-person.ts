import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Decision } from "../core/decisions.ts";
import { messageOf, UsageError } from "../core/errors.ts";
import { recordAnswer } from "../engine/answer.ts";
import type { HumanRequest } from "../postgres/requests.ts";
import { askLine } from "./ask-line.ts";
import type { Cli } from "./cli.ts";
import { editorCommand } from "./environment.ts";
import { parseJson } from "./run-options.ts";
import { pageFor } from "./view/render-options.ts";
import { renderRequest } from "./view/render-request.ts";

/**
 * Shows a request and asks for the decision until there is one.
 *
 * @returns false when the person would rather answer later.
 */
export async function askPerson(cli: Cli, request: HumanRequest): Promise<boolean> {
  cli.note(renderRequest(request, pageFor(cli.err, cli.color)));
  for (;;) {
    const word = await askLine(cli, "Approve? [y]es, [e]dit, [n]o, [r]eject with a reason, [l]ater: ");
    if (word === undefined || word === "l" || word === "later") return false;
    try {
      const decision = await decisionFor(cli, word, request);
      if (!decision) continue;
      await recordAnswer(await cli.engine(), request.id, decision);
      return true;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      cli.note(messageOf(error));
    }
  }
}

async function decisionFor(cli: Cli, word: string, request: HumanRequest): Promise<Decision | undefined> {
  if (["y", "yes", "a", "approve"].includes(word)) return { type: "approve" };
  if (["n", "no"].includes(word)) return { type: "reject", message: "" };
  if (["e", "edit"].includes(word)) return { type: "edit", args: await editInEditor(request.payload) };
  if (!["r", "reject"].includes(word)) return undefined;
  const message = await askLine(cli, "Why? A new plan will heed it: ");
  return message === undefined ? undefined : { type: "reject", message };
}

/** Lets the person change the arguments as a JSON file in their own editor. */
async function editInEditor(payload: unknown): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "decurion-edit-"));
  const file = join(folder, "request.json");
  try {
    await writeFile(file, `${JSON.stringify(payload, null, 2)}\n`, { mode: 0o600 });
    const [editor = "vi", ...args] = editorCommand().split(" ");
    const { status, error } = spawnSync(editor, [...args, file], { stdio: "inherit" });
    if (error) throw new UsageError(`The editor "${editor}" cannot be started: set EDITOR to one that can.`);
    if (status !== 0) throw new UsageError("The editor ended with an error, so nothing was changed.");
    return parseJson(await readFile(file, "utf8"), "What you wrote");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
