import { UsageError } from "../../domain/errors.ts";
import { textOption } from "../arguments.ts";
import type { CommandFile } from "../cli.ts";
import { findOptionalPackage } from "../optional-package.ts";
import { DRAWING_FORMATS, drawGraph } from "../view/drawing.ts";

export const command: CommandFile = {
  options: { format: { value: "F", help: "draw as mermaid, ascii or svg; default: mermaid" } },
  positionals: [1, 1],
  run: async (cli, args) => {
    const wanted = textOption(args, "format") ?? "mermaid";
    const format = DRAWING_FORMATS.find((known) => known === wanted);
    if (!format) throw new UsageError(`--format must be mermaid, ascii or svg, not "${wanted}".`);
    if (format === "svg") await findOptionalPackage(cli, "beautiful-mermaid", "--format svg");
    const graph = await cli.graph(args.positionals[0] ?? "");
    cli.print(await drawGraph(await graph.getGraphAsync({ xray: true }), format));
    return 0;
  },
};
