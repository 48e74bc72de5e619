import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { PACKAGE_FOLDER } from "./support/package-folder.ts";
import { type SourceFile, sourceFiles, withoutComments } from "./support/sources.ts";

/** The page, which runs in a browser: it stands beside the layers. */
const PAGE = "control-room";
/** All that the page may import from elsewhere: these hold nothing of Node's. */
const OPEN_TO_PAGE = ["src/format/text.ts", "src/format/amounts.ts", "src/format/decision-text.ts"];
const TYPES_OPEN_TO_PAGE = "src/server/api-types.ts";

/** From the bottom up: a folder imports only itself and folders before it. */
const LAYERS = [
  "format",
  "domain",
  "postgres",
  "processes",
  "tools",
  "agents",
  "calls",
  "attempts",
  "drivers",
  "requests",
  "nodes",
  "simulator",
  "runs",
  "server",
  "cli",
];

interface Source extends SourceFile {
  /** What it imports: files from the package's folder, and packages by their name. */
  readonly imports: readonly string[];
}

function sourcesIn(folder: string): Source[] {
  return sourceFiles(folder).map(({ file, text }) => {
    return { file, text, imports: importsOf(join(PACKAGE_FOLDER, file), text) };
  });
}

function importsOf(path: string, text: string): string[] {
  const found = text.matchAll(/(?:^(?:import|export)\b[^;]*?\bfrom |^import |\bimport\()"([^"]+)"/gm);
  return [...found].map(([, specifier = ""]) =>
    specifier.startsWith(".")
      ? relative(PACKAGE_FOLDER, resolve(dirname(path), specifier))
      : specifier.replace(/^((?:@[^/]+\/)?[^/]+).*$/, "$1"),
  );
}

const sources = sourcesIn("src");
const graphs = sourcesIn("graphs");

/** `src/drivers/messages/attempt.ts` is in layer drivers; `src/index.ts` in none. */
function layerOf(file: string): string | undefined {
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

function importing(name: string | RegExp): string[] {
  const files = sources.filter(({ imports }) =>
    imports.some((one) => (typeof name === "string" ? one === name : name.test(one))),
  );
  return [...new Set(files.map(({ file }) => layerOf(file) ?? file))];
}

function matching(pattern: RegExp): string[] {
  return sources.filter(({ text }) => pattern.test(withoutComments(text))).map(({ file }) => file);
}

describe("the layers", () => {
  it("are all there is in src, and there is something in the test's hands", () => {
    const folders = new Set(sources.map(({ file }) => layerOf(file)));
    expect([...LAYERS, PAGE]).toEqual(
      expect.arrayContaining([...folders].filter((one) => one !== undefined)),
    );
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(300);
  });

  it("import only downwards", () => {
    const upwards = sources.flatMap(({ file, imports }) => {
      const own = LAYERS.indexOf(layerOf(file) ?? "");
      return imports
        .filter((target) => own >= 0 && LAYERS.indexOf(layerOf(target) ?? "") > own)
        .map((target) => `${file} → ${target}`);
    });
    expect(upwards).toEqual([]);
  });

  it("have no cycle among their files", () => {
    const importsOfFile = new Map(sources.map(({ file, imports }) => [file, imports]));
    const done = new Set<string>();
    const cycleFrom = (file: string, path: readonly string[]): string | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(" → ");
      if (done.has(file)) return undefined;
      for (const target of importsOfFile.get(file) ?? []) {
        const cycle = cycleFrom(target, [...path, file]);
        if (cycle) return cycle;
      }
      done.add(file);
      return undefined;
    };
    expect(sources.map(({ file }) => cycleFrom(file, [])).filter(Boolean)).toEqual([]);
  });

  it("leave graphs nothing to import but src/index.ts and LangGraph", () => {
    const others = graphs
      .flatMap(({ imports }) => imports)
      .filter((target) => target !== "src/index.ts" && target !== "@langchain/langgraph" && target !== "zod");
    expect(others).toEqual([]);
    expect(graphs.length).toBeGreaterThan(0);
  });
});

describe("the page", () => {
  const page = sources.filter(({ file }) => layerOf(file) === PAGE);

  it("imports nothing of the layers but types, and what holds nothing of Node's", () => {
    const open = [...OPEN_TO_PAGE, TYPES_OPEN_TO_PAGE];
    const others = page.flatMap(({ file, imports }) =>
      imports
        .filter((target) => target.startsWith("src/") && !target.startsWith(`src/${PAGE}/`))
        .filter((target) => !open.includes(target))
        .map((target) => `${file} → ${target}`),
    );
    expect(others).toEqual([]);
    const values = page.filter(({ text }) => /^import (?!type\b)[^;]*api-types/m.test(text));
    expect(values.map(({ file }) => file)).toEqual([]);
    expect(page.length).toBeGreaterThan(10);
  });

  it("imports no other package than React and React Flow", () => {
    const packages = new Set(
      page.flatMap(({ imports }) => imports.filter((target) => !/^src\//.test(target))),
    );
    expect([...packages].sort()).toEqual(["@xyflow/react", "react", "react-dom"]);
    const opened = sources.filter(({ file }) => OPEN_TO_PAGE.includes(file));
    expect(opened.flatMap(({ imports }) => imports).filter((one) => !OPEN_TO_PAGE.includes(one))).toEqual([]);
  });

  it("never makes markup of text: agents write what it shows", () => {
    expect(
      page.filter(({ text }) =>
        /dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(/.test(text),
      ),
    ).toEqual([]);
  });
});

/** A program of its own, inside of sandboxes. */
const FORWARD = "src/drivers/claude-code/forward.mjs";

describe("each of these has one home", () => {
  it("SQL and its driver: postgres", () => {
    expect(importing(/^(pg|pg-pool|@langchain\/langgraph-checkpoint-postgres)$/)).toEqual(["postgres"]);
    const sql = matching(
      /\b(SELECT [\s\S]{0,200}\bFROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|pg_advisory)\b/,
    );
    expect(new Set(sql.map(layerOf))).toEqual(new Set(["postgres"]));
  });

  it("the Anthropic SDK: calls", () => {
    expect(importing("@anthropic-ai/sdk")).toEqual(["calls"]);
  });

  it("LangGraph: postgres keeps its checkpoints, nodes and runs build and run its graphs", () => {
    expect(importing("@langchain/langgraph").sort()).toEqual(["nodes", "runs"]);
  });

  it("the environment: app.ts; its arguments: those that start the command line", () => {
    expect(matching(/\bprocess\.env\b/)).toEqual(["src/app.ts"]);
    expect(matching(/\bprocess\.argv\b/)).toEqual(["src/cli/bin.mjs", "src/cli/launch.mjs", FORWARD]);
  });

  it("the terminal: cli/terminal.ts, which lets nothing through but our own colours", () => {
    const streams = matching(/\bprocess\.(stdout|stderr)\b|\bconsole\.\w+\(/);
    // The log of the server, the stream that readline needs, the errors of a closed terminal, and a program on a pipe of ours.
    const others = [
      ...["src/server/entry.ts", "src/cli/ask-line.ts", "src/cli/stop-signals.ts"],
      "src/drivers/claude-code/forward.mjs",
    ];
    expect(streams.filter((file) => !others.includes(file))).toEqual(["src/cli/terminal.ts"]);
    expect(matching(/\bungated\b/).sort()).toEqual(["src/cli/progress-on.ts", "src/cli/terminal.ts"]);
  });

  it("the end of the process: cli", () => {
    const ending = matching(/\bprocess\.(exit|exitCode|abort)\b/).filter((file) => file !== FORWARD);
    expect(new Set(ending.map(layerOf))).toEqual(new Set(["cli"]));
  });
});

describe("every file", () => {
  it("is at most 250 lines long", () => {
    const long = [...sources, ...graphs].filter(({ text }) => text.split("\n").length > 251);
    expect(long.map(({ file }) => file)).toEqual([]);
  });

  it("does without any, non-null assertions and switched-off checks", () => {
    const pattern =
      /\bas any\b|: any\b|<any>|[\w)\]]!\.|@ts-(ignore|expect-error|nocheck)|biome-ignore|eslint-disable/;
    const bad = [...sources, ...graphs].filter(({ text }) => pattern.test(text));
    expect(bad.map(({ file }) => file)).toEqual([]);
  });
});
