import { resolve } from "node:path";
import { isPackageScript, readEnvironment, userAtHost, wantsColor } from "../app.ts";
import { hiding, keysAmong, secretsOf } from "../domain/secrets.ts";
import type { Database } from "../postgres/database.ts";
import { hostEngine } from "../runs/engine-holder.ts";
import { listGraphs } from "../runs/graph-list.ts";
import type { GraphModules, Graphs } from "../runs/load-graphs.ts";
import type { Cli } from "./cli.ts";
import { onStopSignals } from "./stop-signals.ts";
import { stderr, stdout } from "./terminal.ts";
import { wrapUnlessIndented } from "./view/display-width.ts";
import { widthOf } from "./view/render-options.ts";

/** Opens what commands share. Connects to nothing until a command needs it. */
export function openCli(modules: GraphModules): { readonly cli: Cli; close(): Promise<void> } {
  const { config: settings, folders } = readEnvironment();
  // A person at this terminal may put shell commands into a plan. A client of the server may not.
  const config = { ...settings, allowCommands: true };
  // The last gate: rows of other programs may hold what is hidden where our errors are made.
  const hide = hiding(keysAmong(secretsOf(config)));
  const note = (text: string) => {
    stderr.write(`${wrapUnlessIndented(hide(text), widthOf(stderr)).join("\n")}\n`);
  };
  const hideKey = hiding(keysAmong([config.apiKey]));
  let showNews = note;
  const onNews = (sentence: string) => showNews(sentence);
  const stop = onStopSignals(isPackageScript());
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
    canAsk: process.stdin.isTTY === true && stderr.isTTY === true,
    answerer: { by: userAtHost(), via: "cli" },
    signal: stop.stop,
    abort: stop.abort,
    print: (text) => void stdout.write(`${hideKey(text)}\n`),
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
    graphs: () => listGraphs(folders),
  };
  return {
    cli,
    close: async () => {
      stop.dispose();
      await host.close();
      await database?.then((open) => open.close()).catch(() => undefined); // It did not open; the error is already reported.
    },
  };
}
