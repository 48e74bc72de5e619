import { readEnvironment, userAtHost, wantsColor } from "../app.ts";
import type { Database } from "../postgres/database.ts";
import { hostEngine } from "../runs/engine-holder.ts";
import { type GraphModules, loadGraph, readManifest } from "../runs/load-graphs.ts";
import { openConfiguredDatabase, openEngine } from "../runs/open-engine.ts";
import type { Cli } from "./cli.ts";
import { onStopSignals } from "./stop-signals.ts";
import { wrapToWidth } from "./view/display-width.ts";
import { pageFor } from "./view/render-options.ts";

/** Opens what commands share. Nothing is connected to before a command asks for it. */
export function openCli(modules: GraphModules): { readonly cli: Cli; close(): Promise<void> } {
  const { config: settings, folders } = readEnvironment();
  // Who types a command here may name commands in a plan; who reaches a server may not.
  const config = { ...settings, allowCommands: true };
  const { stdin, stdout, stderr } = process;
  const note = (sentence: string) => {
    const width = stderr.isTTY ? pageFor(stderr, false).columns : Number.POSITIVE_INFINITY;
    stderr.write(`${wrapToWidth(sentence, width).join("\n")}\n`);
  };
  const stop = onStopSignals();
  let database: Promise<Database> | undefined;
  const host = hostEngine(() => openEngine(config, folders, note));
  const cli: Cli = {
    out: stdout,
    err: stderr,
    config,
    folders,
    note,
    engine: host.engine,
    color: wantsColor(stderr),
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    answerer: { by: userAtHost(), via: "cli" },
    signal: stop.stop,
    abort: stop.abort,
    print: (text) => void stdout.write(`${text}\n`),
    database: async () => {
      if (host.isOpen) return (await host.engine()).database;
      database ??= openConfiguredDatabase(config, folders, note);
      return database;
    },
    graph: (name) => loadGraph(modules, name),
    graphNames: async () => Object.keys(await readManifest(modules.folder)),
  };
  return {
    cli,
    close: async () => {
      stop.dispose();
      await host.close();
      await database?.then((open) => open.close()).catch(() => undefined); // It never opened: already reported.
    },
  };
}
