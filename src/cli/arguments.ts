import { parseArgs } from "node:util";
import { commandLine } from "../app.ts";
import { UsageError } from "../domain/errors.ts";
import { closestTo } from "../format/close-matches.ts";
import type { Arguments, Command, OptionSpecs } from "./cli.ts";

/**
 * Reads a command's own arguments. Options may be anywhere, as `--name value` or `--name=value`. `--` ends them,
 * so that an input may begin with two dashes; a word with one dash is always an argument.
 *
 * @throws UsageError for an option that is unknown, misses its value or is given twice, and for too many or too
 *   few arguments.
 */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const options: Record<string, string | true> = {};
  const words = new Set<number>();
  for (const token of tokensOf(command, argv)) {
    if (token.kind === "option" && token.rawName.startsWith("--")) {
      const value = readValue(command, token.name, token.value);
      if (token.name in options) throw new UsageError(`Option --${token.name} is given twice.`);
      options[token.name] = value;
    } else if (token.kind !== "option-terminator") {
      words.add(token.index); // Node takes `-abc` apart into three tokens with one index.
    }
  }
  const positionals = [...words].map((index) => argv[index] ?? "");
  checkCount(command, positionals);
  return { positionals, options };
}

/** Not strict, because the errors of this command line are its own. An optional value never takes the next word. */
function tokensOf(command: Command, argv: readonly string[]) {
  const types = Object.entries(command.options).map(([name, { value, optional }]) => {
    const type = value === undefined || optional ? ("boolean" as const) : ("string" as const);
    return [name, { type }] as const;
  });
  return parseArgs({ args: [...argv], options: Object.fromEntries(types), strict: false, tokens: true })
    .tokens;
}

function readValue(command: Command, name: string, value: string | undefined): string | true {
  const spec = Object.hasOwn(command.options, name) ? command.options[name] : undefined;
  if (!spec) throw unknownOption(command, name);
  if (spec.value === undefined && value !== undefined)
    throw new UsageError(`Option --${name} takes no value.`);
  if (spec.value === undefined || (spec.optional && value === undefined)) return true;
  if (value === undefined) throw new UsageError(`Option --${name} needs a value: --${name} ${spec.value}.`);
  return value;
}

function unknownOption(command: Command, name: string): UsageError {
  const known = Object.keys(command.options);
  const [close] = closestTo(name, known);
  const hint = close ? `did you mean --${close}?` : `it has ${listOptions(command.options)}.`;
  return new UsageError(`"${command.name}" has no option --${name}: ${hint}`);
}

function listOptions(options: OptionSpecs): string {
  const names = Object.keys(options).map((name) => `--${name}`);
  return names.length > 0 ? names.join(", ") : "no options";
}

function checkCount(command: Command, { length }: readonly string[]): void {
  const [least, most] = command.positionals;
  if (length >= least && length <= most) return;
  const usage = commandLine(`${command.name} ${command.usage}`);
  throw new UsageError(
    length < least
      ? `"${command.name}" needs more arguments: ${usage}.`
      : `"${command.name}" got too many arguments: ${usage}.`,
  );
}

/** The value of an option that must have one, if it was given. */
export function textOption({ options }: Arguments, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/**
 * A number among the options.
 *
 * @throws UsageError when it is none, or not in the range.
 */
export function numberOption(
  args: Arguments,
  name: string,
  range: { readonly min: number; readonly max?: number; readonly whole?: boolean },
): number | undefined {
  const text = textOption(args, name);
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const { min, max = Number.POSITIVE_INFINITY, whole = false } = range;
  if (value >= min && value <= max && Number.isFinite(value) && (!whole || Number.isInteger(value)))
    return value;
  const kind = whole ? "a whole number" : "a number";
  const bounds = max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new UsageError(`--${name} must be ${kind} ${bounds}, not "${text}".`);
}
