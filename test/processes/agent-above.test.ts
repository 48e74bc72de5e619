import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { agentAbove } from "../../src/processes/agent-above.ts";
import type { MemoryWatch } from "../../src/processes/memory-watch.ts";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import { startProcess } from "../../src/processes/start-process.ts";
import { PACKAGE_FOLDER } from "../support/package-folder.ts";
import { outputOf } from "../support/processes.ts";

const { signal } = new AbortController();
const module = pathToFileURL(`${PACKAGE_FOLDER}/src/processes/agent-above.ts`).href;
const look = `node --import tsx --input-type=module -e 'import { agentAbove } from "${module}"; console.log("above:", agentAbove());'`;

/** It would kill an orphan that took its mark away. */
const NO_WATCH = { add: () => undefined, remove: async () => undefined } as unknown as MemoryWatch;

async function lookFrom(script: string) {
  const memory = new ProcessScope("thread/task", 500, { watch: NO_WATCH });
  try {
    const environment = { PATH: process.env["PATH"] ?? "", LOOK: look };
    const child = startProcess("bash", ["-c", script], {
      memory,
      signal,
      environment,
      folder: PACKAGE_FOLDER,
    });
    return (await outputOf(child)).stdout;
  } finally {
    await memory.close();
  }
}

it("a process of a person has no agent above it", () => {
  expect(agentAbove()).toBeUndefined();
});

it.each([
  ["its child", 'eval "$LOOK"'],
  ["a child without the variables", 'env -i PATH="$PATH" bash -c "$LOOK"'],
  [
    "an orphan without the variables, in a session of its own",
    `P=$(mktemp -u ${tmpdir()}/decurion-pipe-XXXXXX); mkfifo $P; (env -i PATH="$PATH" setsid bash -c "sleep 0.2; $LOOK > $P" &) & cat $P; rm $P`,
  ],
])("an agent's process knows: %s", async (_, script) => {
  expect(await lookFrom(script)).toMatch(/^above: (thread\/task|unknown)\n$/);
});
