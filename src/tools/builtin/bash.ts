import { z } from "zod";
import type { AgentProcess } from "../../processes/agent-process.ts";
import { startProcess } from "../../processes/start-process.ts";
import { defineTool } from "../define-tool.ts";
import { guardFolder } from "../newcomers.ts";
import { OutputText } from "../output-text.ts";
import type { ToolContext, ToolOutput } from "../tool.ts";

const TIMEOUT_MS = 120_000;
const LONGEST_TIMEOUT_MS = 600_000;
const OUTPUT_CHARACTERS = 1_000_000;

/**
 * Outside of a sandbox a command has all rights of Decurion, not only those of the workspace. So a human must allow it, unless the
 * run or the agent says otherwise.
 */
export const bashTool = defineTool({
  name: "Bash",
  description:
    "Runs a shell command in the workspace, alone and to its end. What it leaves running is ended too.",
  effect: "writes",
  input: z.object({
    command: z.string().min(1),
    timeout: z.number().int().positive().max(LONGEST_TIMEOUT_MS).optional().describe("In ms."),
    description: z.string().optional(),
  }),
  run: async ({ command, timeout = TIMEOUT_MS }, context) => {
    await context.memory.admitted();
    const deadline = AbortSignal.timeout(timeout);
    const signal = AbortSignal.any([context.signal, deadline]);
    const { root, isPersons } = context.workspace;
    const run = () => runCommand(command, { ...context, signal });
    const { value, aside } = isPersons
      ? await guardFolder(root, run)
      : { value: await run(), aside: undefined };
    const { code, said } = value;
    context.memory.exceeded.throwIfAborted();
    context.signal.throwIfAborted();
    if (deadline.aborted) return failed(said, `It took longer than ${timeout} ms and was killed.`);
    if (aside !== undefined) return failed(said, aside);
    if (code !== 0) return failed(said, `Exit code ${code ?? "unknown: a signal killed it"}`);
    return said;
  },
});

function failed(said: string, why: string): ToolOutput {
  return { content: said === "" ? why : `${said}\n${why}`, isError: true };
}

async function runCommand(
  command: string,
  { signal, memory, workspace }: ToolContext,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = startProcess("bash", ["-c", command], { memory, signal, folder: workspace.root });
  child.stdin.end();
  const output = new OutputText(OUTPUT_CHARACTERS);
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.setEncoding("utf8");
    pipe.on("data", (text: string) => output.add(text));
  }
  const code = await endOf(child);
  return { code, said: output.text.trimEnd() };
}

/** The exit code; null when a signal killed the process. */
function endOf(child: AgentProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });
}
