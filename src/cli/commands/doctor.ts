import { checkUp } from "../../runs/check-up.ts";
import { JSON_OPTION } from "../arguments.ts";
import type { CommandFile } from "../cli.ts";
import { renderCheckUp } from "../view/render-check-up.ts";
import { widthOf } from "../view/render-options.ts";

export const command: CommandFile = {
  options: {
    online: { help: "also check the API key with Claude's server, free" },
    json: JSON_OPTION,
  },
  positionals: [0, 0],
  run: async (cli, args) => {
    const findings = await checkUp(cli.config, cli.folders, args.options["online"] === true);
    const isBroken = findings.some(({ level }) => level === "broken");
    cli.print(
      args.options["json"]
        ? JSON.stringify({ isFit: !isBroken, findings }, null, 2)
        : renderCheckUp(findings, { columns: widthOf(cli.out), color: cli.color && cli.out.isTTY === true }),
    );
    return isBroken ? 1 : 0;
  },
};
