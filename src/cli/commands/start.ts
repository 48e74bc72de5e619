import { commandLine } from "../../app.ts";
import { UsageError } from "../../domain/errors.ts";
import { askLine } from "../ask-line.ts";
import type { Cli, CommandFile } from "../cli.ts";
import { noteWrong } from "../note-wrong.ts";
import { command as runCommand } from "./run.ts";

/** The default command on a terminal. */
export const command: CommandFile = {
  options: {},
  positionals: [0, 0],
  run: async (cli) => {
    if (!cli.canAsk)
      throw new UsageError('"start" asks on a terminal. Without one, use "run <graph> <input>".');
    const graph = await chooseGraph(cli);
    const input = graph && (await askLine(cli, "What should the agents do? "));
    if (!graph || !input) {
      cli.note(`Nothing was started. List the commands: ${commandLine("help")}`);
      return 0;
    }
    return runCommand.run(cli, { positionals: [graph, input], options: {} });
  },
};

/** The only graph, or the one that the person chooses by number or name. Undefined without a choice. */
async function chooseGraph(cli: Cli): Promise<string | undefined> {
  const list = await cli.graphs();
  noteWrong(cli, list);
  const names = [...list.graphs.keys()];
  if (names.length === 1) return names[0];
  cli.note(names.map((name, index) => `${index + 1}  ${name}`).join("\n"));
  for (;;) {
    const word = await askLine(cli, "Which graph? ");
    if (!word) return undefined;
    const chosen = names[Number(word) - 1] ?? names.find((name) => name === word);
    if (chosen) return chosen;
  }
}
