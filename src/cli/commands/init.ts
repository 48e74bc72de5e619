import { applyChanges } from "../../agents/install/apply-changes.ts";
import { commandLine, packageManagerOf } from "../../app.ts";
import { messageOf, UsageError } from "../../domain/errors.ts";
import { packageFolder, readManifest, readOwnManifest } from "../../runs/own-manifest.ts";
import { askLine } from "../ask-line.ts";
import type { Arguments, Cli, CommandFile, ExitCode } from "../cli.ts";
import { type FilePlan, planProjectFiles } from "../init/project-files.ts";

export const command: CommandFile = {
  options: { yes: { help: "write without asking" } },
  positionals: [0, 0],
  run: init,
};

async function init(cli: Cli, args: Arguments): Promise<ExitCode> {
  const { project, package: own } = cli.folders;
  const files = await planProjectFiles(project, own);
  const changes = files.filter(({ content }) => content !== undefined);
  cli.print(`${project}\n${files.map(({ path, words }) => `  ${path}: ${words}`).join("\n")}`);
  if (changes.length > 0) {
    const answer = await mayWrite(cli, args);
    if (answer !== "yes") return answer === "no" ? 0 : 2;
    await write(project, changes);
  }
  cli.print(changes.length > 0 ? "Written." : "Nothing is missing.");
  await printNextSteps(cli);
  return 0;
}

async function mayWrite(cli: Cli, { options }: Arguments): Promise<"yes" | "no" | "nobody to ask"> {
  if (options["yes"]) return "yes";
  if (!cli.canAsk) {
    cli.note(`Nothing is written: there is no terminal to ask on. Run: ${commandLine("init --yes")}`);
    return "nobody to ask";
  }
  const answer = await askLine(cli, "Write this? [y]es, [n]o: ");
  if (/^y(es)?$/i.test(answer ?? "")) return "yes";
  cli.note("Nothing is written.");
  return "no";
}

/** Writes all files or none. */
async function write(project: string, changes: readonly FilePlan[]): Promise<void> {
  const contents = changes.map(({ path, content = "" }) => [path, content] as const);
  try {
    await applyChanges(project, { write: new Map(contents), remove: [] });
  } catch (error) {
    throw new UsageError(`Nothing is written: ${messageOf(error)}.`, { cause: error });
  }
}

/** Prints how to run the example, and which packages to install first. */
async function printNextSteps({ folders, print }: Cli): Promise<void> {
  const { project, package: own } = folders;
  const [manifest, ours] = await Promise.all([readManifest(project), readOwnManifest(own)]);
  const named = new Set([
    ...Object.keys(manifest?.dependencies ?? {}),
    ...Object.keys(manifest?.devDependencies ?? {}),
  ]);
  const brought = Object.keys(ours.peerDependencies).filter(
    (name) => !ours.peerDependenciesMeta[name]?.optional,
  );
  const missing = ["decurion", ...brought].filter(
    (name) => !named.has(name) || packageFolder(project, name) === undefined,
  );
  const manager = packageManagerOf(project);
  if (missing.length > 0) print(`Install the packages: ${manager.add} ${missing.join(" ")}`);
  print(
    `Run the example: ${manager.script("graph")} run review "A note to customers about tonight's maintenance"`,
  );
}
