import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../src/requests/kinds.ts";

const viewOf = (kind: string, payload: unknown) => KINDS.of({ kind }).view({ payload });
const actionsOf = (kind: string, payload: unknown) => viewOf(kind, payload).actions;
const labelOf = (kind: string, payload: unknown, type: string) =>
  actionsOf(kind, payload).find((action) => action.type === type)?.label;

const BUDGET = { ceiling: "thread", spentUsd: 0.1, nextUsd: 0.2, neededUsd: 0.2, limitUsd: 0.2, tasks: [] };
const FAILURE = { prompt: "Do it.", answer: "No.", attempts: [] };
const TASK = { id: "a", agent: "x", description: "A", prompt: "Do a." };
const CALL = { task: "a", agent: "b", call: "c", attempt: 1, turn: 1 };

/** A payload of each kind. */
const PAYLOADS: Readonly<Record<string, unknown>> = {
  plan: { tasks: [TASK] },
  tool: { ...CALL, tool: "Bash", args: { command: "ls" } },
  result: { output: "The work." },
  question: { ...CALL, question: "Which?" },
  interrupt: { question: "Which?" },
  budget: { ...BUDGET, budgetUsd: 0.4 },
  failure: FAILURE,
};

describe("what a person sees of a request", () => {
  it("is made of a payload of any shape at all", () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({ tasks: fc.jsonValue(), attempts: fc.jsonValue(), args: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(
        anything,
        fc.constantFrom(...KINDS.all, KINDS.of({ kind: "of-tomorrow" })),
        (payload, kind) => {
          const view = kind.view({ payload });
          expect(JSON.parse(JSON.stringify(view))).toMatchObject({ title: view.title });
          expect(kind.ways(payload)).toBeDefined();
          expect(kind.editable({ payload }).name).not.toBe("");
          expect(new Set(kind.allowed({ payload }))).toEqual(new Set(view.actions.map(({ type }) => type)));
        },
      ),
    );
  });

  it("of another shape is the payload as it is", () => {
    expect(viewOf("plan", { tasks: "none" }).sections).toEqual([
      { type: "code", label: "What is asked about", text: JSON.stringify({ tasks: "none" }, null, 2) },
    ]);
  });

  it("of a plan shows its tasks, how they are checked and what they may cost", () => {
    const task = { id: "a", agent: "x", description: "A", prompt: "Do a.", dependsOn: ["b"] };
    const validate = { command: "npm test" };
    const { sections, actions } = viewOf("plan", {
      tasks: [{ ...task, model: null, validate, since: 1 }],
      estimateUsd: 0.5,
    });
    const shown = {
      ...task,
      model: null,
      checks: ["the command: npm test"],
      rest: { validate, since: 1 },
    };
    expect(sections).toEqual([{ type: "tasks", tasks: [shown], estimateUsd: 0.5 }]);
    expect(actions.map(({ editor }) => editor.type)).toEqual(["none", "tasks", "message"]);
  });

  it("of a budget that cannot be raised offers no amount", () => {
    const types = (budget: object) => actionsOf("budget", budget).map(({ editor }) => editor.type);
    expect(types({ ...BUDGET, budgetUsd: 0.4 })).toEqual(["none", "amount", "message"]);
    expect(types({ ...BUDGET, ceiling: "account" })).toEqual(["none", "message"]);
    expect(KINDS.of({ kind: "budget" }).ways({ ...BUDGET, ceiling: "day" })).toEqual(["approve", "reject"]);
  });

  it("of a budget says how it stands, as far as its amounts are known", () => {
    const factsOf = (budget: object) => {
      const [section] = viewOf("budget", { ...BUDGET, ...budget }).sections;
      return section?.type === "facts" ? section.facts.map(({ name, text }) => `${name}: ${text}`) : [];
    };
    const known = ["Ceiling: thread", "Spent: $0.1000 of $0.20", "Next call, at most: $0.2000"];
    expect(factsOf({})).toEqual(known);
    expect(factsOf({ tasks: ["a"] })).toEqual([...known, "Waiting: a"]);
    expect(factsOf({ tasks: ["a", "b"], neededUsd: 0.4 })).toEqual([
      ...known,
      "All that wait, at most: $0.4000",
      "Waiting: a, b",
    ]);
    expect(factsOf({ ceiling: "account" })).toEqual(["Ceiling: account"]);
  });

  it("of a budget takes no other amount than one that pays for the next call", () => {
    const edit = actionsOf("budget", { ...BUDGET, budgetUsd: 0.4 }).find(({ type }) => type === "edit");
    expect(edit?.editor).toMatchObject({ name: "budgetUsd", amount: 0.4, least: expect.closeTo(0.3, 9) });
    const ways = (budget: unknown) => KINDS.of({ kind: "budget" }).ways(budget);
    expect(ways({ ...BUDGET, budgetUsd: 0.4 })).toEqual(["approve", "--budget <USD>", "reject"]);
    expect(ways("of another shape")).toContain("--budget <USD>");
  });

  it.each(KINDS.all.map(({ name }) => name))("of a %s has a word of its own for each thing to do", (name) => {
    const payload = PAYLOADS[name];
    const actions = actionsOf(name, payload);
    const offers = actions.flatMap((action) => action.offers);
    for (const { text, words } of offers) {
      const letter = /\[(\w)\]/.exec(text)?.[1];
      if (letter !== undefined) expect(words).toContain(letter);
    }
    const words = offers.flatMap((one) => [...new Set(one.words)]);
    expect(words).toEqual([...new Set(words)]);
    for (const { type, editor, offers } of actions) {
      const typed = offers.flatMap((one) => one.words);
      if (editor.type === "option") expect(typed).toEqual([]);
      else if (type === "reject") expect(typed).toContain("no");
      else expect(typed.length).toBeGreaterThan(0);
    }
    expect(KINDS.of({ kind: name }).ways(payload).length).toBeGreaterThan(1);
  });

  it("that may be rejected may be so by one word", () => {
    for (const [kind, payload] of Object.entries(PAYLOADS)) {
      const reject = actionsOf(kind, payload).find(({ type }) => type === "reject");
      expect(reject?.offers[0]?.isPlain).toBe(true);
      expect(reject?.editor).toMatchObject({ type: "message", isRequired: false });
    }
  });

  it("of a failure offers the last answer only where there is one", () => {
    expect(labelOf("failure", FAILURE, "approve")).toBe("Take this answer");
    expect(labelOf("failure", { ...FAILURE, answer: null }, "approve")).toBeUndefined();
    expect(viewOf("failure", { ...FAILURE, answer: "" }).sections).toHaveLength(3);
    expect(viewOf("failure", { ...FAILURE, answer: null }).sections).toEqual([
      { type: "text", label: "The prompt", text: "Do it." },
      { type: "attempts", attempts: [] },
    ]);
    const edit = actionsOf("failure", FAILURE).find(({ type }) => type === "edit");
    expect(edit?.editor).toMatchObject({ type: "text", name: "prompt", text: "Do it." });
  });

  it("of a tool call has what an edit may change", () => {
    const args = { command: "ls" };
    const edit = actionsOf("tool", { ...CALL, tool: "Bash", args }).find(({ type }) => type === "edit");
    expect(edit?.editor).toMatchObject({ type: "json", value: args });
  });

  it("of a question has its options to choose from, and words of one's own", () => {
    const options = ["red", "blue"];
    const actions = actionsOf("question", { ...CALL, question: "Which?", options });
    expect(actions.map(({ editor }) => editor.type)).toEqual(["option", "message", "message"]);
    expect(actions[0]).toMatchObject({ type: "respond", editor: { options } });
    expect(actionsOf("question", { ...CALL, question: "Which?" })).toHaveLength(2);
    expect(actionsOf("question", { ...CALL, question: "Which?", options: [] })).toHaveLength(2);
    expect(actions[0]?.offers).toMatchObject([{ text: "1–2" }]);
    expect(actionsOf("question", { question: "Sure?", options: ["yes"] })[0]?.offers).toMatchObject([
      { text: "1", words: [] },
    ]);
  });

  it("of a graph's own question has its options, and shows what its summary leaves out", () => {
    const options = ["red", "blue"];
    const [first] = actionsOf("interrupt", { question: "Which?", options });
    expect(first).toMatchObject({ type: "respond", editor: { type: "option", options } });
    expect(viewOf("interrupt", { question: "Which?" }).sections).toEqual([]);
    expect(viewOf("interrupt", "long ".repeat(99)).sections).toMatchObject([{ type: "text" }]);
    expect(viewOf("interrupt", { shards: 4 }).sections).toMatchObject([
      { type: "code", text: JSON.stringify({ shards: 4 }, null, 2) },
    ]);
    expect(actionsOf("interrupt", { question: "Which?", options: [] })[0]?.editor.type).toBe("message");
  });

  it("of a result is the whole answer, which an edit begins with", () => {
    const output = "long ".repeat(999);
    const { sections, actions } = viewOf("result", { output });
    expect(sections).toEqual([{ type: "text", label: "The answer", text: output }]);
    expect(actions[1]?.editor).toMatchObject({ type: "text", name: "output", text: output });
  });

  it("of a tool call names the tool and shows long arguments as they are", () => {
    const args = { command: "a\nb", limit: 2 };
    expect(viewOf("tool", { ...CALL, tool: "Bash", args }).sections).toEqual([
      { type: "facts", facts: [{ name: "Tool", text: "Bash" }] },
      {
        type: "values",
        label: "Arguments",
        values: [
          { name: "command", text: "a\nb" },
          { name: "limit", text: "2" },
        ],
      },
    ]);
    expect(viewOf("tool", { ...CALL, tool: "Bash", args: [1] }).sections[1]).toMatchObject({ type: "code" });
    expect(KINDS.of({ kind: "tool" }).editable({ payload: { tool: "Bash", args } })).toEqual({
      name: "Bash",
      args,
    });
    expect(KINDS.of({ kind: "result" }).editable({ payload: { output: "x" } })).toEqual({
      name: "result",
      args: { output: "x" },
    });
  });

  it("says what a decision does to this kind of request", () => {
    expect(labelOf("tool", { ...CALL, tool: "Bash", args: {} }, "reject")).toBe("Deny");
    expect(labelOf("budget", { ...BUDGET, budgetUsd: 0.4 }, "approve")).toBe("Raise to $0.40");
  });

  it("of a kind that this version does not know is shown, and takes no answer", async () => {
    const kind = KINDS.of({ kind: "of-tomorrow" });
    expect(kind.view({ payload: "What?" })).toMatchObject({ sections: [{ text: '"What?"' }], actions: [] });
    const asked = { id: "of-tomorrow-00000000", kind: "of-tomorrow", payload: "What?" };
    const scope = { planFrom: () => Promise.resolve([]) };
    await expect(kind.check(asked, { type: "approve" }, scope)).rejects.toThrow(
      /does not know requests of kind "of-tomorrow"/,
    );
  });
});

describe("a response that brings JSON", () => {
  it("is only for those who take it", async () => {
    const scope = { planFrom: () => Promise.resolve([]) };
    const decision = { type: "respond", message: "{}", value: {} } as const;
    const check = (kind: string, payload: unknown) =>
      KINDS.of({ kind }).check({ id: `${kind}-1`, kind, payload }, decision, scope);
    await expect(check("tool", { ...CALL, tool: "Bash", args: {} })).rejects.toThrow(
      "must be a message, not JSON",
    );
    await expect(check("interrupt", "What?")).resolves.toBeUndefined();
  });
});

describe("an answer to an interrupt", () => {
  it.each([
    [{ type: "approve" }, true],
    [{ type: "reject", message: "" }, false],
    [{ type: "reject", message: "No." }, { rejected: "No." }],
    [{ type: "respond", message: "Blue" }, "Blue"],
    [{ type: "respond", message: "null", value: null }, null],
    [{ type: "edit", args: [1] }, [1]],
  ] as const)("%j is what the node gets: %j", (decision, value) => {
    expect(KINDS.of({ kind: "interrupt" }).resumeWith(decision)).toEqual(value);
  });
});
