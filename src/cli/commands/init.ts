import { applyChanges } from "../../agents/install/apply-changes.ts";
import { commandLine, packageManagerOf } from "../../app.ts";
import { messageOf, UsageError } from "../../domain/errors.ts";
import { listGraphs } from "../../runs/graph-list.ts";
import { type Manifest, packageFolder, readManifest, readOwnManifest } from "../../runs/own-manifest.ts";
import { askLine } from "../ask-line.ts";
import type { Arguments, Cli, CommandFile, ExitCode } from "../cli.ts";
import { type FilePlan, planProjectFiles, SCRIPTS } from "../init/project-files.ts";

export const command: CommandFile = {
  options: { yes: { help: "write without asking" } },
  positionals: [0, 0],
  run: init,
};

async function init(cli: Cli, args: Arguments): Promise<ExitCode> {
  const { project, package: own } = cli.folders;
  await listGraphs(cli.folders); // Throws for a langgraph.json that cannot be used, before anything is written.
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

/** Prints how to run a graph of the project, and which packages to install first. */
async function printNextSteps({ folders, print }: Cli): Promise<void> {
  const { project, package: own } = folders;
  const [manifest, ours, { graphs }] = await Promise.all([
    readManifest(project),
    readOwnManifest(own),
    listGraphs(folders),
  ]);
  const missing = missingPackages(project, manifest, ours);
  const manager = packageManagerOf(project);
  const program = hasOwnScript(manifest) ? manager.script("graph") : manager.program;
  const where = project === process.cwd() ? "" : ` in ${project}`;
  if (missing.length > 0) print(`Install the packages${where}: ${manager.add} ${missing.join(" ")}`);
  print(
    graphs.get("review")?.isBuiltIn === false
      ? `Run the example: ${program} run review "A note to customers about tonight's maintenance"`
      : `Run a graph: ${program} run ${[...graphs].find(([, { isBuiltIn }]) => !isBuiltIn)?.[0] ?? "orchestrate"} "…"`,
  );
}

function missingPackages(project: string, manifest: Manifest | undefined, ours: Manifest): string[] {
  const named = new Set([
    ...Object.keys(manifest?.dependencies ?? {}),
    ...Object.keys(manifest?.devDependencies ?? {}),
  ]);
  const brought = Object.keys(ours.peerDependencies).filter(
    (name) => !ours.peerDependenciesMeta[name]?.optional,
  );
  return ["decurion", ...brought].filter(
    (name) => !named.has(name) || packageFolder(project, name) === undefined,
  );
}

/** Whether the script "graph" is the one that `init` adds, and not one that the project had before. */
function hasOwnScript(manifest: Manifest | undefined): boolean {
  const scripts: unknown = manifest?.["scripts"];
  return Reflect.get(Object(scripts), "graph") === SCRIPTS.graph;
}
