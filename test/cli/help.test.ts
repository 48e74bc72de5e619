import { describe, expect, it } from "vitest";
import type { Command } from "../../src/cli/cli.ts";
import { COMMANDS, loadCommand } from "../../src/cli/commands.ts";
import { renderCommandHelp, renderHelp } from "../../src/cli/help.ts";

const command: Command = {
  name: "greet",
  usage: "<name>",
  summary: "greet a person",
  positionals: [1, 1],
  options: {
    loud: { help: "say it in capital letters, so that nobody in the room misses it" },
    times: { value: "N", help: "say it N times" },
  },
  run: () => Promise.resolve(0),
};

describe("help", () => {
  it("aligns the options, and wraps their texts below each other", () => {
    expect(renderCommandHelp(command, 60).split("\n").slice(1)).toEqual([
      "  greet a person",
      "",
      "  --loud     say it in capital letters, so that nobody in",
      "             the room misses it",
      "  --times N  say it N times",
    ]);
  });

  it("puts each text below its option on a narrow terminal", () => {
    expect(renderCommandHelp(command, 40).split("\n").slice(3)).toEqual([
      "  --loud",
      "      say it in capital letters, so that",
      "      nobody in the room misses it",
      "  --times N",
      "      say it N times",
    ]);
  });

  it("fits a terminal of 80 columns, for every command", async () => {
    const texts = [await renderHelp(COMMANDS, 80)];
    for (const entry of COMMANDS) texts.push(renderCommandHelp(await loadCommand(entry), 80));
    const tooWide = texts.flatMap((text) => text.split("\n")).filter((line) => line.length > 80);
    expect(tooWide).toEqual([]);
  });
});
