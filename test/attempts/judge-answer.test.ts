import { describe, expect, it } from "vitest";
import { judgeAnswer } from "../../src/attempts/judge-answer.ts";

const RESULT = { summary: "s", output: "The work.", confidence: 0.5, emotionalState: { focus: 1 } };
const judge = (text: string, stopReason = "end_turn") =>
  judgeAnswer({ stopReason, text, isCut: stopReason === "max_tokens" });
const about = (value: unknown) => `<result>${JSON.stringify(value)}</result>`;

describe("an answer", () => {
  it("is the work as it is, and a last line about it", () => {
    const { output, ...rest } = RESULT;
    expect(judge(`${output}\n\n${about(rest)}\n`)).toEqual({ isDone: true, result: RESULT });
    const fenced = `${output}\n\`\`\`json\n${about(rest)}\n\`\`\``;
    expect(judge(fenced)).toEqual({ isDone: true, result: RESULT });
  });

  it.each([
    ["without that line", "The work."],
    ["with a line that is not readable", 'The work.\n<result>{"summary": "Half'],
    ["with an empty line", "The work.\n<result></result>"],
    ["with another thing in it", "The work.\n<result>[1]</result>"],
  ])("%s is kept: its beginning is the summary, and its confidence is unknown", (_, text) => {
    const result = { summary: "The work.", output: "The work.", confidence: null, emotionalState: {} };
    expect(judge(text)).toEqual({ isDone: true, result });
  });

  it("that writes about such a line has no line before its end", () => {
    const text = "Write <result>{}</result> at the end of it, as asked.";
    expect(judge(text)).toMatchObject({ result: { output: text } });
    const open = 'End with\n<result>{"summary": "s"}\nand not with\n```\n{"a": 1}\n```\nor else.';
    expect(judge(open)).toMatchObject({ result: { output: open } });
  });

  it("may be one JSON object, whatever is written around it", () => {
    const text = `Here it is:\n${JSON.stringify(RESULT)}`;
    expect(judge(text)).toEqual({ isDone: true, result: RESULT });
    const other = JSON.stringify({ output: "what the task wants", more: 1 });
    expect(judge(other)).toMatchObject({ result: { output: other } });
  });

  it("that is refused is none, also where its text is a result", () => {
    expect(judge(`The work.\n${about(RESULT)}`, "refusal")).toMatchObject({
      isDone: false,
      failure: "refusal",
      answer: null,
    });
  });

  it("without text is none", () => {
    expect(judge(" ")).toMatchObject({ failure: "invalid-output", answer: null });
    expect(judge(about({ summary: "nothing" }))).toMatchObject({ failure: "invalid-output", answer: null });
  });
});

it("an answer that was cut off is marked, and what there is may be taken", () => {
  expect(judge("Half", "max_tokens")).toMatchObject({
    failure: "max-tokens",
    digest: expect.stringContaining("cut off after 4 characters"),
    answer: { summary: "Half", output: "Half\n\n(The answer was cut off here.)", confidence: null },
  });
  expect(judge("", "max_tokens")).toMatchObject({
    digest: expect.stringContaining("before its first word"),
    answer: null,
  });
});

it("a full window is no reason for another attempt", () => {
  expect(judge("Half", "model_context_window_exceeded")).toMatchObject({
    failure: "max-tokens",
    isFinal: true,
    answer: { summary: "Half" },
  });
});

it.each([
  [95, 0.95],
  ["0.9", 0.9],
  ["80 %", 0.8],
  [0, 0],
  ["high", null],
  [undefined, null],
])("what an agent says about its work is taken as it can be understood: %s", (confidence, share) => {
  const said = about({ confidence, emotionalState: { focus: 70, doubt: "some" } });

  expect(judge(`The work.\n${said}`)).toMatchObject({
    isDone: true,
    result: { summary: "The work.", confidence: share, emotionalState: { focus: 0.7 } },
  });
});
