import { resolve } from "node:path";
import { readEnvironment, userAtHost, wantsColor } from "../app.ts";
import type { Database } from "../postgres/database.ts";
import { hostEngine } from "../runs/engine-holder.ts";
import { listGraphs } from "../runs/graph-list.ts";
import type { GraphModules, Graphs } from "../runs/load-graphs.ts";
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
  let showNews = note;
  const onNews = (sentence: string) => showNews(sentence);
  const stop = onStopSignals();
  let database: Promise<Database> | undefined;
  const host = hostEngine(async () => {
    const { openEngine } = await import("../runs/open-engine.ts");
    return openEngine(config, folders, onNews);
  });
  let graphs: Promise<Graphs> | undefined;
  const openGraphs = async () => {
    const { openGraphs: open } = await import("../runs/load-graphs.ts");
    return open({ modules, folders, home: resolve(folders.project, config.home), engine: host.engine });
  };
  const openDatabase = async () => {
    const { openConfiguredDatabase } = await import("../runs/open-database.ts");
    return openConfiguredDatabase(config, folders, onNews);
  };
  const cli: Cli = {
    out: stdout,
    err: stderr,
    config,
    folders,
    note,
    showNews: (show) => {
      showNews = show;
    },
    engine: host.engine,
    color: wantsColor(stderr),
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    answerer: { by: userAtHost(), via: "cli" },
    signal: stop.stop,
    abort: stop.abort,
    print: (text) => void stdout.write(`${text}\n`),
    database: async () => {
      if (host.isOpen) return (await host.engine()).database;
      database ??= openDatabase();
      return database;
    },
    hasRun: async () => {
      const { hasDatabase } = await import("../runs/open-database.ts");
      return hasDatabase(config, folders);
    },
    graph: async (name) => {
      graphs ??= openGraphs();
      return (await graphs).load(name);
    },
    graphNames: async () => [...(await listGraphs(folders)).keys()],
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
