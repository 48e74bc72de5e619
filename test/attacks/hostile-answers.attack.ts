import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { agentFile } from "../support/agent-files.ts";
import { useCli } from "../support/cli.ts";
import {
  ends,
  type Modes,
  opens,
  send,
  sendAnswer,
  sendJson,
  sendMany,
  text,
  useOddServer,
} from "./support/odd-server.ts";

const MB = "x".repeat(1024 * 1024);
const hasResult = (body: string) => body.includes("tool_result");
const call = (more: object) => ({
  type: "tool_use",
  id: "call-1",
  name: "Glob",
  input: { pattern: "*" },
  ...more,
});
/** An answer with a call, and a good one once the call has its result. */
const calls =
  (more: object): Modes[string] =>
  (response, _, body) =>
    hasResult(body) ? sendAnswer(response, [text("Done.")]) : sendAnswer(response, [call(more)], "tool_use");
const delta = (more: object) =>
  `data: ${JSON.stringify({ type: "content_block_delta", index: 0, delta: more })}\n\n`;
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

const MODES: Modes = {
  "long id to approve": calls({
    id: "i".repeat(12_000),
    name: "Bash",
    input: { command: "true" },
  }),
  "long id": calls({ id: "i".repeat(12_000) }),
  "long tool": calls({ name: "n".repeat(12_000) }),
  "name of every object": calls({ name: "constructor", id: "__proto__" }),
  "large text": async (response) => {
    opens(response);
    send(response, { type: "content_block_start", index: 0, content_block: text("") });
    await sendMany(response, 60, () => delta({ type: "text_delta", text: MB }));
    ends(response);
  },
  "large input": async (response) => {
    opens(response);
    send(response, { type: "content_block_start", index: 0, content_block: call({ input: {} }) });
    await sendMany(response, 60, () => delta({ type: "input_json_delta", partial_json: MB }));
    ends(response, "tool_use");
  },
  "many blocks": async (response) => {
    opens(response);
    await sendMany(
      response,
      100_000,
      (index) =>
        `data: ${JSON.stringify({ type: "content_block_start", index, content_block: text("x") })}\n\n`,
    );
    ends(response);
  },
  "line without an end": async (response) => {
    opens(response);
    response.write("data: ");
    await sendMany(response, 100, () => MB);
    response.end();
  },
  "body without an end": async (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"type":"message","content":[{"type":"text","text":"');
    await sendMany(response, 100, () => MB);
    response.end();
  },
  "error without an end": async (response) => {
    response.writeHead(400, { "content-type": "application/json" });
    response.write('{"error":"');
    await sendMany(response, 200, () => MB);
    response.end();
  },
  "deep input": (response, _, body) => {
    if (hasResult(body)) return sendAnswer(response, [text("Done.")]);
    opens(response);
    send(response, { type: "content_block_start", index: 0, content_block: call({ input: {} }) });
    response.write(delta({ type: "input_json_delta", partial_json: nested(100_000) }));
    send(response, { type: "content_block_stop", index: 0 });
    return ends(response, "tool_use");
  },
  "deep block": (response) => {
    opens(response);
    sendJson(
      response,
      "content_block_start",
      `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"i","name":"Glob","input":${nested(100_000)}}}`,
    );
    ends(response, "tool_use");
  },
  "far index": (response) => {
    opens(response);
    send(response, { type: "content_block_start", index: 4_000_000_000, content_block: text("x") });
    ends(response);
  },
  "endless usage": (response) =>
    sendAnswer(response, [text("Done.")], "end_turn", { output_tokens: 1e308, input_tokens: 1e308 }),
  "odd usage": (response) => {
    opens(response);
    send(response, { type: "content_block_start", index: 0, content_block: text("Done.") });
    send(response, { type: "content_block_stop", index: 0 });
    sendJson(
      response,
      "message_delta",
      '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1e999,"input_tokens":-7,"cache_read_input_tokens":0.5,"cache_creation_input_tokens":"9"}}',
    );
    send(response, { type: "message_stop" });
    response.end();
  },
  "wait for years": (response) => void response.writeHead(429, { "retry-after": "1e12" }).end("{}"),
  "wait for a far day": (response) =>
    void response.writeHead(429, { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" }).end("{}"),
};

const testCli = useCli();
const url = useOddServer(MODES);

interface Told {
  readonly status: string;
  readonly costUsd: number;
  readonly tasks: readonly { readonly id: string; readonly status: string; readonly costUsd: number }[];
}

/** Runs the odd task between two good ones, with little memory. */
async function runWith(
  mode: string,
  ids: readonly string[] = ["odd"],
): Promise<Told & { readonly code: number | null; readonly stderr: string }> {
  const { folder, start } = testCli();
  const agents = join(folder, "agents");
  await mkdir(agents, { recursive: true });
  await writeFile(join(agents, "globber.md"), agentFile("globber", "tools: Glob\n"));
  const task = (id: string, prompt: string) => ({
    id,
    agent: "globber",
    description: id,
    prompt,
    dependsOn: [],
  });
  const tasks = [
    task("one", "Say done."),
    ...ids.map((id) => task(id, `mode ${mode}`)),
    task("two", "Say done."),
  ];
  const plan = join(folder, "plan.json");
  await writeFile(plan, JSON.stringify({ tasks }));
  const words = [
    "run",
    "orchestrate",
    "x",
    "--plan",
    plan,
    "--agents-dir",
    agents,
    "--budget",
    "20",
    "--no-synthesis",
  ];
  const { stdout, stderr, code } = await start([...words, "--auto-approve", "--json"], {
    ANTHROPIC_BASE_URL: url(),
    OUTAGE_MINUTES: "0.05",
    NODE_OPTIONS: "--max-old-space-size=256",
  }).ended;
  return { ...(JSON.parse(stdout) as Told), code, stderr };
}

it.each(Object.keys(MODES))("costs one task and no more: %s", async (mode) => {
  const told = await runWith(mode);

  const good = told.tasks.filter(({ id }) => id !== "odd");
  expect(
    good.map(({ status }) => status),
    told.stderr,
  ).toEqual(["completed", "completed"]);
  expect(told.stderr).not.toMatch(/internal error|heap/);
  expect(["completed", "failed", "waiting"]).toContain(told.tasks.find(({ id }) => id === "odd")?.status);
  for (const { costUsd } of told.tasks) expect(costUsd >= 0 && costUsd < 20).toBe(true);
  expect(told.costUsd).toBeLessThan(20);
});

it("ids that every object has are ids like others", async () => {
  const ids = ["constructor", "toString", "hasOwnProperty", "valueOf"];
  const told = await runWith("none", ids);

  expect(told.status, told.stderr).toBe("completed");
  expect(told.tasks.map(({ id }) => id).sort()).toEqual([...ids, "one", "two"].sort());
});

it("an id that objects cannot hold is refused in a sentence", async () => {
  const { folder, start } = testCli();
  const plan = join(folder, "proto.json");
  await writeFile(plan, '{"tasks":[{"id":"__proto__","agent":"sydney-coder","prompt":"x"}]}');
  const { code, stderr } = await start(["run", "orchestrate", "x", "--plan", plan, "--json"]).ended;

  expect(code).toBe(2);
  expect(stderr).toMatch(/is reserved/);
});

it("a call with an endless id can be approved and goes on", async () => {
  const { folder, start } = testCli();
  const agents = join(folder, "writers");
  await mkdir(agents, { recursive: true });
  await writeFile(join(agents, "writer.md"), agentFile("writer", "tools: Bash\n"));
  const words = ["run", "orchestrate", "@writer mode long id to approve", "--agents-dir", agents];
  const environment = { ANTHROPIC_BASE_URL: url() };
  const asked = await start([...words, "--no-synthesis", "--auto-approve=plan", "--json"], environment).ended;
  expect(asked.code, asked.stderr).toBe(3);

  const [request] = JSON.parse(asked.stdout).waiting;
  const { code, stdout, stderr } = await start(["answer", request.id, "approve", "--json"], environment)
    .ended;
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout).status).toBe("completed");
});
