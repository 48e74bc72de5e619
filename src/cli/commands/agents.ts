import { resolve } from "node:path";
import { installAgents, targetFolder } from "../../agents/install/install-agents.ts";
import { checkAgents } from "../../agents/registry.ts";
import { renderAgent as renderAgentFile } from "../../agents/render-agent.ts";
import { UsageError } from "../../domain/errors.ts";
import { parsePrices } from "../../domain/price.ts";
import type { ThreadOptions } from "../../domain/thread-options.ts";
import { DRIVERS } from "../../drivers/drivers.ts";
import { openScope, type ScopeParts } from "../../runs/agent-scope.ts";
import { unapprovedServersOf } from "../../runs/unapproved-servers.ts";
import { approveServers } from "../approve-servers.ts";
import { JSON_OPTION, textOption } from "../arguments.ts";
import type { Arguments, Cli, CommandFile, ExitCode } from "../cli.ts";
import { renderAgent, renderAgentReport, renderAgents, renderInstalled } from "../view/render-agents.ts";
import { pageFor } from "../view/render-options.ts";
import { renderServer } from "../view/render-server.ts";

export const command: CommandFile = {
  options: {
    "agents-dir": { value: "D", help: "also load agents from folder D" },
    json: JSON_OPTION,
    scope: {
      value: "project|user",
      help: "add: install for this project (default) or for all your projects",
    },
    force: { help: "add: also overwrite files that you have written or edited" },
    yes: { help: "trust: approve without asking" },
    markdown: { help: "show: print the agent as a file with valid YAML" },
  },
  positionals: [1, 2],
  run: (cli, args) => {
    const [verb, subject] = args.positionals;
    if (verb === "list" && subject === undefined) return list(cli, args);
    if (verb === "show" && subject !== undefined) return show(cli, args, subject);
    if (verb === "check" && subject !== undefined) return check(cli, args, subject);
    if (verb === "add" && subject !== undefined) return add(cli, args, subject);
    if (verb === "trust" && subject !== undefined) return trust(cli, args, subject);
    throw new UsageError(
      'Use "agents list", "agents show <name>", "agents check <dir>", "agents add <dir>" or "agents trust <name>".',
    );
  },
};

/** The most files with remarks in a list. `agents check` has all. */
const MAX_NOTES = 20;

function partsOf({ config, folders }: Cli): ScopeParts {
  return { config, folders, prices: parsePrices(), drivers: DRIVERS };
}

function optionsOf(args: Arguments): ThreadOptions {
  const agentsDir = textOption(args, "agents-dir");
  return agentsDir === undefined ? {} : { agentsDir: resolve(agentsDir) };
}

async function registryFor(cli: Cli, args: Arguments) {
  return (await openScope(partsOf(cli), optionsOf(args))).scope.agents;
}

/** Shows the MCP servers of an agent that nobody has approved, and asks a person to approve them. */
async function trust(cli: Cli, args: Arguments, name: string): Promise<ExitCode> {
  const servers = await unapprovedServersOf(partsOf(cli), optionsOf(args), name);
  if (servers.length === 0) {
    cli.print("Nothing is to be approved.");
    return 0;
  }
  const isTrusted = args.options["yes"] === true;
  if (!isTrusted && !cli.canAsk) {
    for (const line of servers.flatMap(renderServer)) cli.note(line);
    throw new UsageError("No terminal can ask you about this. Read it, and approve it with --yes.");
  }
  const areAll = await approveServers(cli, servers, isTrusted);
  cli.print(areAll ? `The MCP servers of "${name}" are approved in this project.` : "Not all are approved.");
  return areAll ? 0 : 1;
}

async function list(cli: Cli, args: Arguments): Promise<ExitCode> {
  const registry = await registryFor(cli, args);
  const agents = registry.list();
  const { errors, notes = [] } = registry.report;
  const shown = agents.map(({ name, description, model, tools, source }) => ({
    name,
    description,
    model: model ?? null,
    tools,
    scope: source.scope,
    file: source.file,
  }));
  cli.print(
    args.options["json"]
      ? JSON.stringify({ agents: shown, errors, notes }, null, 2)
      : renderAgents(agents, pageFor(cli.out, cli.color)),
  );
  for (const { file, reason } of [...errors, ...notes].slice(0, MAX_NOTES)) cli.note(`${file}: ${reason}.`);
  return 0;
}

async function show(cli: Cli, args: Arguments, name: string): Promise<ExitCode> {
  const agent = (await registryFor(cli, args)).get(name);
  if (args.options["markdown"]) {
    cli.print(renderAgentFile(agent).trimEnd());
    return 0;
  }
  cli.print(
    args.options["json"] ? JSON.stringify(agent, null, 2) : renderAgent(agent, pageFor(cli.out, cli.color)),
  );
  return 0;
}

/** Fails when an agent's file is invalid. */
async function check(cli: Cli, args: Arguments, folder: string): Promise<ExitCode> {
  const report = await checkAgents(resolve(folder), DRIVERS);
  cli.print(
    args.options["json"]
      ? JSON.stringify(report, null, 2)
      : renderAgentReport(report, pageFor(cli.out, cli.color)),
  );
  return report.errors.length > 0 ? 1 : 0;
}

async function add(cli: Cli, args: Arguments, source: string): Promise<ExitCode> {
  const scope = textOption(args, "scope") ?? "project";
  if (scope !== "project" && scope !== "user") {
    throw new UsageError(`--scope must be project or user, not "${scope}".`);
  }
  const base = cli.folders[scope];
  if (base === undefined) throw new UsageError("This user has no home folder. Use --scope project.");
  const force = args.options["force"] === true;
  const installed = await installAgents({ source: resolve(source), target: targetFolder(base), force });
  cli.print(
    args.options["json"]
      ? JSON.stringify({ scope, ...installed }, null, 2)
      : renderInstalled(installed, pageFor(cli.out, cli.color)),
  );
  return 0;
}
