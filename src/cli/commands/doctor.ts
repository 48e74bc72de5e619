import { checkUp } from "../../runs/check-up.ts";
import type { CommandFile } from "../cli.ts";
import { renderCheckUp } from "../view/render-check-up.ts";

export const command: CommandFile = {
  options: {
    online: { help: "ask Claude's server, for nothing, whether it accepts the key" },
    json: { help: "print one JSON document" },
  },
  positionals: [0, 0],
  run: async (cli, args) => {
    const findings = await checkUp(cli.config, cli.folders, args.options["online"] === true);
    const isBroken = findings.some(({ level }) => level === "broken");
    cli.print(
      args.options["json"]
        ? JSON.stringify({ isFit: !isBroken, findings }, null, 2)
        : renderCheckUp(findings, cli.color && cli.out.isTTY === true),
    );
    return isBroken ? 1 : 0;
  },
};
