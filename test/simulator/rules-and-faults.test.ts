import { afterAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/domain/errors.ts";
import { costUsd, parsePrices } from "../../src/domain/price.ts";
import { parseScenario, type Scenario } from "../../src/simulator/scenario.ts";
import { type SimulatorOptions, startSimulator } from "../../src/simulator/server.ts";

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

async function start(options: Omit<SimulatorOptions, "scenario"> & { scenario?: Partial<Scenario> } = {}) {
  const { scenario, ...rest } = options;
  const simulator = await startSimulator({ ...rest, ...(scenario && { scenario: parseScenario(scenario) }) });
  closers.push(() => simulator.close());
  const post = (body: unknown, headers: Record<string, string> = { "x-api-key": "any" }) =>
    fetch(`${simulator.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { simulator, post };
}

const MODEL = "claude-sonnet-5";
const ask = (text: string, more: object = {}) => ({
  model: MODEL,
  max_tokens: 500,
  messages: [{ role: "user", content: text }],
  ...more,
});

describe("what the API refuses", () => {
  const long = { role: "user", content: "word ".repeat(1_500_000) };
  const cached = { type: "text", text: "x", cache_control: { type: "ephemeral" } };

  it.each([
    ["no JSON", "{", 400, /not valid JSON/],
    ["no model", { max_tokens: 5, messages: [] }, 400, /model/],
    ["no max_tokens", { model: MODEL, messages: [{ role: "user", content: "x" }] }, 400, /max_tokens/],
    ["no messages", { model: MODEL, max_tokens: 5, messages: [] }, 400, /messages/],
    ["an unknown model", ask("x", { model: "gpt-9" }), 404, /model: gpt-9/],
    ["too many tokens", ask("x", { max_tokens: 10_000_000 }), 400, /maximum allowed number of output tokens/],
    ["sampling", ask("x", { temperature: 0.5 }), 400, /temperature: not supported/],
    ["a forced tool without tools", ask("x", { tool_choice: { type: "any" } }), 400, /tool_choice/],
    ["a prompt that is too long", ask("x", { messages: [long] }), 400, /prompt is too long/],
    ["five breakpoints", ask("x", { system: Array(5).fill(cached) }), 400, /maximum of 4 blocks/],
    [
      "a call without its result",
      ask("x", {
        messages: [
          { role: "user", content: "x" },
          { role: "assistant", content: [{ type: "tool_use", id: "toolu_7", name: "t", input: {} }] },
          { role: "user", content: "and now?" },
        ],
      }),
      400,
      /without `tool_result` blocks immediately after: toolu_7/,
    ],
    [
      "an assistant first",
      ask("x", { messages: [{ role: "assistant", content: "x" }] }),
      400,
      /first message/,
    ],
  ])("%s", async (_, body, status, says) => {
    const { post, simulator } = await start();

    const response = await post(body);

    expect(response.status).toBe(status);
    const { type, error, request_id } = (await response.json()) as {
      type: string;
      error: { type: string; message: string };
      request_id: string;
    };
    expect(type).toBe("error");
    expect(error.type).toBe(status === 404 ? "not_found_error" : "invalid_request_error");
    expect(error.message).toMatch(says);
    expect(request_id).toBe(response.headers.get("request-id"));
    expect(simulator.account()).toMatchObject({ answers: 0, costUsd: 0 });
  });

  it("a key that is missing or wrong, however it is sent", async () => {
    const { post } = await start({ apiKey: "right" });

    expect((await post(ask("x"), {})).status).toBe(401);
    expect((await post(ask("x"), { "x-api-key": "wrong" })).status).toBe(401);
    expect((await post(ask("x"), { "x-api-key": "right" })).status).toBe(200);
    expect((await post(ask("x"), { authorization: "Bearer right" })).status).toBe(200);
  });

  it("a body of more than 32 MB, and paths there are none of", async () => {
    const { post, simulator } = await start();

    expect((await post(ask("x".repeat(33 * 1024 * 1024)))).status).toBe(413);
    const headers = { "x-api-key": "any" };
    expect((await fetch(`${simulator.url}/v1/nothing`, { headers })).status).toBe(404);
  });
});

describe("scripted faults", () => {
  it("come at the n-th, every n-th and so many times, and leave the rest alone", async () => {
    const { post } = await start({
      scenario: {
        faults: [
          { status: 500, when: { match: "nth", nth: 2 } },
          { status: 529, when: { match: "every", every: 3 } },
          { status: 429, retryAfter: 7, when: { match: "times", times: 2 } },
          { status: 400, message: "never", when: { match: "chance", probability: 0 } },
          { status: 402, when: { model: "opus" } },
        ],
      },
    });
    const statuses = async (text: string) => {
      const found = [];
      for (let i = 0; i < 6; i++) found.push((await post(ask(text))).status);
      return found;
    };

    expect(await statuses("nth")).toEqual([200, 500, 200, 200, 200, 200]);
    expect(await statuses("every")).toEqual([200, 200, 529, 200, 200, 529]);
    expect(await statuses("times")).toEqual([429, 429, 200, 200, 200, 200]);
    expect(await statuses("chance")).toEqual([200, 200, 200, 200, 200, 200]);
    expect((await post(ask("x", { model: "claude-opus-5" }))).status).toBe(402);
  });

  it("send retry-after only where it is asked for", async () => {
    const { post } = await start({
      scenario: {
        faults: [
          { status: 429, retryAfter: 7, when: { nth: 1 } },
          { status: 429, retryAfter: null },
        ],
      },
    });

    expect((await post(ask("x"))).headers.get("retry-after")).toBe("7");
    expect((await post(ask("x"))).headers.get("retry-after")).toBeNull();
  });

  it("are counted, and what was sent of a broken answer is billed", async () => {
    const { post, simulator } = await start({
      scenario: { faults: [{ kind: "mid-stream-error", afterEvents: 5, when: { nth: 1 } }] },
    });

    const text = await (await post(ask("Say a lot. Of many things.", { stream: true }))).text();

    expect(text).toContain("event: error");
    expect(text).not.toContain("message_stop");
    const { answers, costUsd, faults } = simulator.account();
    expect(faults).toEqual({ "mid-stream-error": 1 });
    expect(answers).toBe(1);
    expect(costUsd).toBeGreaterThan(0);
  });

  it.each([
    ["no list", { faults: {} }, /faults/],
    ["an unknown kind", { faults: [{ kind: "explode" }] }, /faults/],
    ["a pattern that is none", { faults: [{ status: 500, when: { match: "(" } }] }, /faults/],
    ["an unknown key", { fault: [] }, /fault/],
    ["a status that is no error", { faults: [{ status: 200 }] }, /faults/],
  ])("are refused in one sentence when they are wrong: %s", (_, script, says) => {
    expect(() => parseScenario(script)).toThrow(UsageError);
    expect(() => parseScenario(script)).toThrow(says);
  });
});

describe("the account", () => {
  it("is the sum of the usage that clients saw, at the shipped prices", async () => {
    const { post, simulator } = await start();
    const price = parsePrices().models[MODEL];
    if (!price) throw new Error("no price");
    let seenUsd = 0;

    for (const words of [3, 30, 300]) {
      const response = await post(ask("A word is here. ".repeat(words)));
      const { usage } = (await response.json()) as { usage: { input_tokens: number; output_tokens: number } };
      const none = { cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
      seenUsd += costUsd(price, { input: usage.input_tokens, output: usage.output_tokens, ...none });
    }

    expect(simulator.account().costUsd).toBeCloseTo(seenUsd, 10);
    const account = await (await fetch(`${simulator.url}/_simulator/account`)).json();
    expect(account).toMatchObject({ answers: 3, costUsd: simulator.account().costUsd });
  });
});

describe("the prompt cache", () => {
  const system = (ttl?: "1h") => [
    {
      type: "text",
      text: "Rules of the house. ".repeat(600),
      cache_control: { type: "ephemeral", ...(ttl && { ttl }) },
    },
  ];
  const usageOf = async (response: Response) => {
    const { usage } = (await response.json()) as { usage: Record<string, number> };
    return {
      read: usage["cache_read_input_tokens"],
      written: usage["cache_creation_input_tokens"],
      rest: usage["input_tokens"],
    };
  };

  it("writes a prefix once and reads it then, and the parts add up to the prompt", async () => {
    const { post } = await start();

    const first = await usageOf(await post(ask("One.", { system: system() })));
    const second = await usageOf(await post(ask("Two.", { system: system() })));
    const changed = await usageOf(
      await post(ask("One.", { system: [{ ...system()[0], text: "Other. ".repeat(3000) }] })),
    );

    expect(first).toMatchObject({ read: 0, rest: expect.any(Number) });
    expect(first.written).toBeGreaterThan(1024);
    expect(second).toEqual({ read: first.written, written: 0, rest: first.rest });
    expect(changed.read).toBe(0);
  });

  it("leaves prefixes alone that are too short, or of another model", async () => {
    const { post } = await start();
    const short = [{ type: "text", text: "Short.", cache_control: { type: "ephemeral" } }];

    expect(await usageOf(await post(ask("x", { system: short })))).toMatchObject({ read: 0, written: 0 });
    await post(ask("x", { system: system() }));
    const other = await usageOf(await post(ask("x", { system: system(), model: "claude-opus-5" })));
    expect(other.read).toBe(0);
  });
});

describe("rate limits", () => {
  it("refuse what exceeds a minute's requests, and say when to come back", async () => {
    const { post, simulator } = await start({ limits: { requestsPerMinute: 2 } });

    const responses = [await post(ask("a")), await post(ask("b")), await post(ask("c"))];

    expect(responses.map((response) => response.status)).toEqual([200, 200, 429]);
    expect(responses[0]?.headers.get("anthropic-ratelimit-requests-limit")).toBe("2");
    expect(responses[1]?.headers.get("anthropic-ratelimit-requests-remaining")).toBe("0");
    expect(Number(responses[2]?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(simulator.account().answers).toBe(2);
  });
});

it("a port that is taken is said in one sentence", async () => {
  const { simulator } = await start();
  await expect(startSimulator({ port: simulator.port })).rejects.toThrow(/port \d+.*in use/);
});
