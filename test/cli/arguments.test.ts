import { describe, expect, it } from "vitest";
import { numberOption, parseArguments, textOption } from "../../src/cli/arguments.ts";
import type { Command } from "../../src/cli/cli.ts";
import { RUN_OPTIONS, threadOptionsFrom } from "../../src/cli/run-options.ts";
import { UsageError } from "../../src/domain/errors.ts";

const command: Command = {
  name: "run",
  usage: "<graph> [input]",
  summary: "",
  positionals: [1, Number.POSITIVE_INFINITY],
  options: RUN_OPTIONS,
  run: () => Promise.resolve(0),
};
const parse = (...argv: string[]) => parseArguments(command, argv);

describe("parseArguments", () => {
  it("takes options anywhere, with = or a space, and words that begin with a dash after --", () => {
    const { positionals, options } = parse(
      "--plan",
      "p.json",
      "g",
      "--budget=0.5",
      "--json",
      "--",
      "--not-one",
      "-x",
    );

    expect(positionals).toEqual(["g", "--not-one", "-x"]);
    expect(options).toEqual({ plan: "p.json", budget: "0.5", json: true });
  });

  it("takes a word that begins with one dash as it is", () => {
    expect(parse("g", "-5 degrees", "-abc", "-", "-a=b").positionals).toEqual([
      "g",
      "-5 degrees",
      "-abc",
      "-",
      "-a=b",
    ]);
    expect(parse("g", "--budget", "-5").options).toEqual({ budget: "-5" });
  });

  it("keeps = and nothing in a value", () => {
    expect(parse("g", "--plan=a=b").options).toEqual({ plan: "a=b" });
    expect(parse("g", "--plan=").options).toEqual({ plan: "" });
  });

  it("lets an optional value be left out, and never takes the next word for it", () => {
    expect(parse("--auto-approve", "g").options).toEqual({ "auto-approve": true });
    expect(parse("--auto-approve=plan", "g").options).toEqual({ "auto-approve": "plan" });
  });

  it.each([
    [["g", "--constructor"], /no option --constructor/],
    [["g", "--__proto__=1"], /no option --__proto__/],
    [["g", "--no-json"], /no option --no-json/],
    [["g", "--parralel=3"], /Did you mean --parallel/],
    [["g", "--json=yes"], /--json takes no value/],
    [["g", "--plan"], /--plan needs a value/],
    [["g", "--json", "--json"], /--json is given twice/],
    [[], /needs more arguments/],
  ])("refuses %j in one sentence", (argv, says) => {
    expect(() => parse(...argv)).toThrow(UsageError);
    expect(() => parse(...argv)).toThrow(says);
  });
});

describe("options of a run", () => {
  it("become the options of the thread, and only those given", () => {
    expect(threadOptionsFrom(parse("g"))).toEqual({});
    expect(
      threadOptionsFrom(
        parse(
          "g",
          "--parallel",
          "3",
          "--budget",
          "0.5",
          "--model",
          "opus",
          "--no-synthesis",
          "--auto-approve=plan",
        ),
      ),
    ).toEqual({ parallel: 3, budgetUsd: 0.5, model: "opus", synthesis: false, autoApprove: ["plan"] });
  });

  it("auto-approve everything that may be, never a budget or a failure", () => {
    expect(threadOptionsFrom(parse("g", "--auto-approve")).autoApprove).toEqual(["plan", "tool", "result"]);
    expect(() => threadOptionsFrom(parse("g", "--auto-approve=plan,budget"))).toThrow(/budgets and failures/);
  });

  it.each(["0", "11", "2.5", "x", "", "1e1000", "0x5x"])("refuse --parallel %s", (value) => {
    expect(() => threadOptionsFrom(parse("g", `--parallel=${value}`))).toThrow(UsageError);
  });

  it("are read as text and numbers only where they were given", () => {
    const args = parse("g", "--plan", "p");
    expect(textOption(args, "plan")).toBe("p");
    expect(textOption(args, "model")).toBeUndefined();
    expect(numberOption(args, "budget", { min: 0 })).toBeUndefined();
  });
});
