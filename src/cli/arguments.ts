import { parseArgs } from "node:util";
import { commandLine } from "../app.ts";
import { UsageError } from "../domain/errors.ts";
import { closestTo } from "../format/close-matches.ts";
import type { Arguments, Command } from "./cli.ts";

/**
 * Reads a command's own arguments. Options may be anywhere, as `--name value` or `--name=value`. `--` ends them,
 * so that an input may begin with two dashes. A word with one dash is always an argument.
 *
 * @throws UsageError for an unknown or repeated option, a missing value, and too many or too few arguments.
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
      words.add(token.index); // Node splits `-abc` into three tokens with one index.
    }
  }
  const positionals = [...words].map((index) => argv[index] ?? "");
  checkCount(command, positionals);
  return { positionals, options };
}

/** Not strict: this file reports the errors. An optional value never takes the next word. */
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
  const [close] = closestTo(name, Object.keys(command.options));
  const hint = close ? `Did you mean --${close}?` : `See: ${commandLine(`help ${command.name}`)}.`;
  return new UsageError(`"${command.name}" has no option --${name}. ${hint}`);
}

function checkCount(command: Command, { length }: readonly string[]): void {
  const [least, most] = command.positionals;
  if (length >= least && length <= most) return;
  const usage = commandLine(`${command.name} ${command.usage}`);
  throw new UsageError(
    length < least
      ? `"${command.name}" needs more arguments. Usage: ${usage}.`
      : `"${command.name}" takes fewer arguments. Usage: ${usage}.`,
  );
}

/** The option --json of every command that has it. `main` prints the document about an error. */
export const JSON_OPTION = { help: 'print one JSON document; for an error: {"error":"…"}' };

/** The value of an option; undefined for an option that is absent or has no value. */
export function textOption({ options }: Arguments, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/**
 * The value of a numeric option.
 *
 * @throws UsageError when it is not a number in the range.
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
