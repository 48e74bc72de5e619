import { resolve } from "node:path";
import { UsageError } from "../../domain/errors.ts";
import { renderPlural } from "../../format/amounts.ts";
import { pruneThreads } from "../../postgres/threads/prune.ts";
import { removeFolders } from "../../runs/remove-folders.ts";
import { JSON_OPTION, textOption } from "../arguments.ts";
import type { CommandFile } from "../cli.ts";
import { saysNothingHasRun } from "../nothing-has-run.ts";

export const command: CommandFile = {
  options: {
    "older-than": { value: "AGE", help: "delete threads unchanged for this time: 30d, 12h or 45m" },
    "dry-run": { help: "only count them" },
    json: JSON_OPTION,
  },
  positionals: [0, 0],
  run: async (cli, args) => {
    const seconds = ageInSeconds(textOption(args, "older-than"));
    const isDry = args.options["dry-run"] === true;
    const nothing = { deleted: 0, waiting: 0, running: 0, dryRun: isDry };
    if (await saysNothingHasRun(cli, args, nothing)) return 0;
    const home = resolve(cli.folders.project, cli.config.home);
    const pruned = await pruneThreads(await cli.database(), seconds, isDry, (ids) =>
      removeFolders(home, ids),
    );
    if (args.options["json"]) {
      cli.print(JSON.stringify({ ...pruned, dryRun: isDry }, null, 2));
      return 0;
    }
    const verb = isDry ? "would be deleted" : "deleted";
    cli.print(`${renderPlural(pruned.deleted, "thread")} ${verb}.`);
    if (pruned.waiting > 0) cli.print(`Kept ${renderPlural(pruned.waiting, "old thread")} waiting for you.`);
    if (pruned.running > 0) cli.print(`Kept ${renderPlural(pruned.running, "old thread")} still running.`);
    return 0;
  },
};

const UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };

function ageInSeconds(text: string | undefined): number {
  const [, amount = "", unit = ""] = /^(\d{1,6})([mhd])$/.exec(text ?? "") ?? [];
  const seconds = Number(amount) * (UNITS[unit] ?? 0);
  if (seconds > 0) return seconds;
  throw new UsageError(
    `--older-than must be an age like 30d, 12h or 45m${text === undefined ? "" : `, not "${text}"`}.`,
  );
}
