import { beforeAll, describe, expect, it } from "vitest";
import { graph } from "../../../graphs/orchestrate.ts";
import { type AgentRegistry, loadAgents } from "../../../src/agents/registry.ts";
import { renderAnswerHint } from "../../../src/cli/view/answer-hint.ts";
import { displayWidth } from "../../../src/cli/view/display-width.ts";
import { DRAWING_FORMATS, drawGraph } from "../../../src/cli/view/drawing.ts";
import { renderAgent, renderAgents } from "../../../src/cli/view/render-agents.ts";
import { renderCost } from "../../../src/cli/view/render-cost.ts";
import { renderInbox } from "../../../src/cli/view/render-inbox.ts";
import { pageFor } from "../../../src/cli/view/render-options.ts";
import { renderReport } from "../../../src/cli/view/render-report.ts";
import { renderRequest } from "../../../src/cli/view/render-request.ts";
import { renderSummary } from "../../../src/cli/view/render-summary.ts";
import { renderThreads } from "../../../src/cli/view/render-threads.ts";
import type { Json } from "../../../src/domain/json.ts";
import { DRIVERS } from "../../../src/drivers/drivers.ts";
import type { Report } from "../../../src/runs/report.ts";
import { PACKAGE_FOLDER } from "../../support/package-folder.ts";

const ESC = "\u001b";
/** What an agent or a file may say to deceive whoever reads it in a terminal. */
const HOSTILE = `${ESC}[2J${ESC}]0;owned\u0007\u009b31m\u0000\rEvil ${"漢".repeat(200)}`;
const nowMs = Date.parse("2026-11-24T12:00:00Z");
const page = { columns: 80, color: false, nowMs };
const THREAD = "7675485c-72d7-4763-8070-71d29f6d5503";

const task = { id: "one", agent: "coder", description: "d", prompt: "p", dependsOn: [] as string[] };
const hostileTask = { ...task, id: HOSTILE, agent: HOSTILE, description: HOSTILE, prompt: HOSTILE };
const request = {
  id: "plan-12345678",
  threadId: THREAD,
  kind: "plan" as const,
  taskId: null,
  status: "open" as const,
  answer: null,
  answeredBy: null,
  answeredVia: null,
  answeredAt: null,
  deadlineAt: null,
  defaultAnswer: null,
  summary: "Run 1 task: one (coder)",
  payload: { tasks: [task] },
  askedAt: "2026-11-24T11:55:00Z",
};
/** A plan as it is shown with its request. */
const renderPlan = (payload: Json, options = page) => renderRequest({ ...request, payload }, options);
const reportTask: Report["tasks"][number] = {
  id: "one",
  execution: "claude_executor",
  agent: "coder",
  description: "One",
  prompt: "Do one.",
  status: "completed",
  wave: 0,
  dependsOn: [],
  lane: 1,
  tokens: { input: 10, output: 20, cacheRead: 0, cacheWrite: 0 },
  startedAt: "2026-11-24T11:55:00Z",
  endedAt: "2026-11-24T11:55:01.5Z",
  confidence: 0.5,
  emotionalState: null,
  attempts: 1,
  escalated: false,
  model: "m",
  summary: "Done.",
  output: "Out.",
  costUsd: 0.01,
  ms: 1500,
  error: null,
};
const report: Report = {
  answers: [],
  options: {},
  createdAt: "2026-11-24T11:55:00Z",
  updatedAt: "2026-11-24T11:55:02Z",
  endedAt: "2026-11-24T11:55:02Z",
  thread: THREAD,
  graph: "orchestrate",
  status: "completed",
  simulated: false,
  input: "Do it",
  output: "The answer.",
  error: null,
  tasks: [reportTask],
  waiting: [],
  open: [],
  costUsd: 0.01,
  budgetUsd: 0.3,
  tokens: { input: 10, output: 20, cacheRead: 0, cacheWrite: 0 },
  calls: { paid: 1, replayed: 0, unknown: 0, failed: 0 },
  peakParallel: 1,
  phasesMs: { plan: 0, agents: 1500, synthesis: 0 },
  wallMs: 1600,
};
const thread = {
  id: THREAD,
  graph: "orchestrate",
  status: "completed" as const,
  simulated: true,
  input: HOSTILE,
  budgetUsd: 0.3,
  costUsd: 0.01,
  tasks: { pending: 0, running: 0, waiting: 0, completed: 3, failed: 0, blocked: 0, cancelled: 0 },
  waiting: 0,
  createdAt: "2026-11-24T11:00:00Z",
  updatedAt: "2026-11-24T11:00:00Z",
  endedAt: null,
};
const line = {
  phase: "agents" as const,
  agent: HOSTILE,
  model: HOSTILE,
  calls: 1,
  unknown: 1,
  input: 10,
  output: 20,
  cacheRead: 0,
  cacheWrite: 0,
  costUsd: 0.01,
};

let agents: AgentRegistry;
beforeAll(async () => {
  agents = await loadAgents({
    projectDir: PACKAGE_FOLDER,
    builtinDir: `${PACKAGE_FOLDER}/.claude/agents`,
    drivers: DRIVERS,
  });
});

describe("hostile text", () => {
  const hostileCall = {
    task: HOSTILE,
    agent: HOSTILE,
    tool: HOSTILE,
    args: { [HOSTILE]: HOSTILE },
    call: HOSTILE,
    attempt: 1,
    turn: 1,
  };
  const hostileAnswer = {
    status: "answered" as const,
    answer: { type: "reject", message: HOSTILE },
    answeredBy: HOSTILE,
    answeredVia: "sdk" as const,
    answeredAt: "2026-11-24T11:58:00Z",
  };
  const hostileReport: Report = {
    ...report,
    status: "partial",
    input: HOSTILE,
    error: HOSTILE,
    output: HOSTILE,
    tasks: [{ ...reportTask, status: "failed", id: HOSTILE, agent: HOSTILE, error: HOSTILE }],
    open: [{ ...request, id: HOSTILE, taskId: HOSTILE, summary: HOSTILE }],
  };

  it.each([
    ["a plan", () => renderPlan({ tasks: [hostileTask] }, page)],
    ["a payload that is no plan", () => renderPlan({ [HOSTILE]: HOSTILE }, page)],
    [
      "a request",
      () => renderRequest({ ...request, summary: HOSTILE, payload: { tasks: [hostileTask] } }, page),
    ],
    ["a tool call", () => renderRequest({ ...request, kind: "tool", payload: hostileCall }, page)],
    [
      "a question",
      () =>
        renderRequest(
          {
            ...request,
            kind: "question",
            summary: HOSTILE,
            payload: { question: HOSTILE, options: [HOSTILE] },
          },
          page,
        ),
    ],
    ["an answer", () => renderRequest({ ...request, kind: "result", payload: { output: HOSTILE } }, page)],
    ["what was answered", () => renderInbox([{ ...request, ...hostileAnswer }], page)],
    ["an inbox", () => renderInbox([{ ...request, id: HOSTILE, summary: HOSTILE, taskId: HOSTILE }], page)],
    ["a report", () => renderReport(hostileReport, page)],
    ["a summary", () => renderSummary(hostileReport, page)],
    [
      "costs",
      () =>
        renderCost({ lines: [line], totals: report, budgetUsd: 0.3, cache: { share: 0, savedUsd: 0 } }, page),
    ],
    ["threads", () => renderThreads([thread], page)],
    [
      "agents",
      () => renderAgents([{ ...agents.get("sydney-coder"), description: HOSTILE, name: HOSTILE }], page),
    ],
  ])("in %s reaches no terminal, and breaks no line", (_, render) => {
    const lines = render().split("\n");
    expect(lines.join("")).not.toMatch(/\p{Cc}/u);
    const answers = lines.filter((shown) => shown.includes("npm run graph"));
    for (const shown of lines.filter((one) => !answers.includes(one) && !one.includes("漢"))) {
      expect(displayWidth(shown)).toBeLessThanOrEqual(80);
    }
  });
});

describe("a tool call that waits", () => {
  it("is shown with all that it does, and the ways to answer", () => {
    const command = `echo ${"x".repeat(300)} && rm -rf /\u001b[2J`;
    const payload = {
      task: "a",
      agent: "b",
      tool: "Bash",
      args: { command, timeout: 5 },
      call: "c",
      attempt: 1,
      turn: 1,
    };
    const shown = renderRequest({ ...request, kind: "tool", summary: "s", payload }, page);
    expect(shown.replaceAll(/\n┊ /g, "")).toContain("&& rm -rf /\\u{1b}[2J");
    expect(shown).toContain("timeout: 5");
    expect(shown).not.toContain("\u001b");
    expect(renderAnswerHint({ id: "tool-1", kind: "tool" }).join()).toContain("respond");
  });
});

describe("a long call", () => {
  const args = { command: `echo ${"x".repeat(9000)}; the end` };
  const payload = { task: "a", agent: "b", tool: "Bash", args, call: "c", attempt: 1, turn: 1 };
  const long = { ...request, id: "tool-1", kind: "tool", payload };

  it("is cut, and no command approves it before it was shown whole", () => {
    const shown = renderInbox([long], page);
    expect(shown).not.toContain("the end");
    expect(shown).toMatch(/The whole request has 9,0\d\d characters\. See all:/);
    expect(shown).toContain("npm run graph -- show --request tool-1");
    expect(shown).not.toContain("answer tool-1 approve");
    expect(shown).toContain("answer tool-1 reject");
  });

  it("is shown whole where the terminal has the room, with the command for it", () => {
    const shown = renderInbox([long], { ...page, columns: 200 });
    expect(shown).toContain("the end");
    expect(shown).toContain("answer tool-1 approve --whole");
  });
});

describe("a plan", () => {
  it("is shown wave by wave with who does what after what", () => {
    const shown = renderPlan(
      {
        tasks: [
          task,
          { ...task, id: "two", prompt: "Go on.\nTo the end.", dependsOn: ["one"], model: "opus" },
        ],
      },
      page,
    );

    expect(shown).toContain(
      [
        "2 tasks in 2 waves",
        "",
        "wave 1",
        "  one  coder",
        "    d",
        "    │ p",
        "",
        "wave 2",
        "  two  coder · opus  ← one",
        "    d",
        "    │ Go on.",
        "    │ To the end.",
      ].join("\n"),
    );
  });

  it("of thousands is cut short, and says so", () => {
    const tasks = Array.from({ length: 3000 }, (_, index) => ({ ...task, id: `t${index}` }));
    const shown = renderPlan({ tasks }, page);

    expect(shown.split("\n").length).toBeLessThan(300);
    expect(shown).toMatch(/… 8,\d{3} more lines\. The whole request has [\d,]+ characters\./);
    expect(shown).toContain("npm run graph -- show --request plan-12345678");
  });
});

describe("how a thread stands", () => {
  it("is said in a line: tasks, money, tokens, time", () => {
    expect(renderSummary(report, page)).toBe(
      "✓ Completed · 1 of 1 task · $0.0100 of $0.30 · 10 tokens in, 20 out · 1.5 s",
    );
  });

  it("names what failed and why, and how to answer what waits", () => {
    const tasks = [{ ...reportTask, status: "failed" as const, error: "Claude refused." }];
    const open = [{ ...request, id: "plan-1" }];

    const shown = renderSummary({ ...report, status: "waiting", tasks, open }, page);

    expect(shown).toContain("? Waiting for you");
    expect(shown).toContain("✗ one: Claude refused.");
    expect(shown).toContain("npm run graph -- answer plan-1 approve");
  });

  it("marks what was simulated", () => {
    expect(renderSummary({ ...report, simulated: true }, page)).toContain("(simulated)");
    expect(renderReport({ ...report, simulated: true }, page)).toContain("SIMULATED");
    expect(renderThreads([thread], { ...page, columns: 140 })).toContain("SIMULATED");
  });

  it("shows colours only where they are wanted", () => {
    expect(renderReport(report, page)).not.toContain(ESC);
    expect(renderReport(report, { ...page, color: true })).toContain(`${ESC}[32m`);
  });
});

describe("nothing to show", () => {
  it("says what to do instead of printing an empty table", () => {
    const none = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    expect(renderInbox([], page)).toContain("Nothing waits for you");
    expect(renderThreads([], page)).toContain("There are no threads yet");
    expect(renderAgents([], page)).toContain("There are no agents");
    const totals = { ...report, tokens: none, costUsd: 0 };
    expect(
      renderCost({ lines: [], totals, budgetUsd: null, cache: { share: 0, savedUsd: 0 } }, page),
    ).toContain("There are no calls to Claude yet");
  });
});

describe("an agent", () => {
  it("is shown with what its file says and its whole prompt", () => {
    const shown = renderAgent(agents.get("sydney-whisper"), page);
    expect(shown).toContain("sydney-whisper");
    expect(shown).toContain("You are the hub.");
    expect(shown).toMatch(/model +haiku/);
    const settings = { maxTurns: 3, hooks: { Stop: [HOSTILE] } };
    const set = renderAgent({ ...agents.get("sydney-whisper"), settings }, page);
    expect(set).toMatch(/maxTurns +3\n/);
    expect(set).toMatch(/hooks +\{"Stop":/);
    expect(set).not.toContain(ESC);
  });
});

describe("a page", () => {
  it("has a usable width where the terminal does not know its own", () => {
    expect(pageFor({}, true)).toEqual({ columns: 80, color: true });
    expect(pageFor({ columns: 0 }, false).columns).toBe(80);
    expect(pageFor({ columns: 3 }, false).columns).toBe(20);
    expect(pageFor({ columns: 132 }, false).columns).toBe(132);
  });
});

describe("a drawing", () => {
  it.each(DRAWING_FORMATS)("as %s has every node and the label of every choice", async (format) => {
    const drawn = await drawGraph(await graph.getGraphAsync({ xray: true }), format);

    for (const node of ["plan", "approve", "dispatch", "lane", "collect", "synthesize"]) {
      expect(drawn).toContain(node);
    }
    for (const label of ["approved", "rejected", "ended", "side by side", "no tasks"]) {
      expect(drawn).toContain(label);
    }
  });

  it("as svg loads nothing from elsewhere and says what it shows", async () => {
    const drawn = await drawGraph(await graph.getGraphAsync({ xray: true }), "svg");
    expect(drawn).toMatch(/^<svg[^>]*>\s*<title>start, plan/);
    expect(drawn.replaceAll("http://www.w3.org", "")).not.toMatch(/https?:|@import/);
  });
});

describe("a request", () => {
  it("shows the arguments of a call by name, texts of many lines as they are", () => {
    const payload = {
      task: "one",
      agent: "coder",
      tool: "Write",
      call: "toolu_1",
      attempt: 1,
      turn: 1,
      args: { file_path: "a.txt", content: "one\ntwo", mode: 420 },
    };
    const shown = renderRequest({ ...request, kind: "tool", payload }, page);
    expect(shown).toContain("file_path: a.txt\ncontent:\n│ one\n│ two\nmode: 420");
  });

  it("says what is answered when nobody does, and how long that is", () => {
    const deadline = { deadlineAt: "2026-11-24T12:05:00Z", defaultAnswer: { type: "reject", message: "" } };
    const nowMs = Date.parse("2026-11-24T12:00:00Z");
    const shown = renderInbox([{ ...request, ...deadline }], { ...page, columns: 100, nowMs });
    expect(shown).toContain("rejected in 5 min 0 s without an answer");
    expect(
      renderInbox([{ ...request, ...deadline }], { ...page, columns: 100, nowMs: nowMs + 3e6 }),
    ).toContain("rejected now without an answer");
  });

  it("that was answered says by whom, how and when, and no longer how to answer", () => {
    const answered = {
      status: "answered" as const,
      answer: { type: "reject", message: "too dear" },
      answeredBy: "ana@desk",
      answeredVia: "cli" as const,
      answeredAt: "2026-11-24T11:58:00Z",
    };
    const nowMs = Date.parse("2026-11-24T12:00:00Z");
    const shown = renderInbox([{ ...request, ...answered }], { ...page, columns: 100, nowMs });
    expect(shown).toContain("rejected by ana@desk (cli), 2 min ago: too dear");
    expect(shown).not.toContain("npm run graph -- answer");
  });
});
