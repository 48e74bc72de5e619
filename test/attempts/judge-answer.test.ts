import { expect, it } from "vitest";
import { judgeAnswer } from "../../src/attempts/judge-answer.ts";

const RESULT = { summary: "s", output: "The work.", confidence: 0.5, emotionalState: { focus: 1 } };
const judge = (stopReason: string, text: string) => judgeAnswer({ stopReason, text }, 900);
const asItIs = (text: string) => ({ summary: text, output: text, confidence: 0, emotionalState: {} });

it("an answer that is a result is done, whatever is written around it", () => {
  const text = `Here it is:\n${JSON.stringify(RESULT)}`;
  expect(judge("end_turn", text)).toEqual({ isDone: true, result: RESULT });
});

it("a refusal is none, also where its text is a result", () => {
  expect(judge("refusal", JSON.stringify(RESULT))).toMatchObject({
    isDone: false,
    failure: "refusal",
    answer: null,
  });
});

it("an answer that was cut off says at how many tokens, and what there is may be taken", () => {
  expect(judge("max_tokens", "Half")).toMatchObject({
    failure: "max-tokens",
    digest: expect.stringContaining("cut off at 900 tokens"),
    answer: asItIs("Half"),
  });
});

it("an answer that is no result says in short what is wrong, and may be taken as it is", () => {
  const wrong = judge("end_turn", JSON.stringify({ ...RESULT, output: 7 }));
  expect(wrong).toMatchObject({
    failure: "invalid-output",
    digest: expect.stringMatching(/^The agent's answer is not a result: output: /),
  });
  const long = judge("end_turn", ` ${"no JSON ".repeat(99)}`);
  expect(long).toMatchObject({ digest: expect.stringContaining("answer: ") });
  if (long.isDone) throw new Error("It is no result.");
  expect(long.answer?.summary).toMatch(/^no JSON .{180,192}…$/);
  expect(judge("end_turn", " ")).toMatchObject({ failure: "invalid-output", answer: null });
});

it.each([
  [95, 0.95],
  ["0.9", 0.9],
  ["80 %", 0.8],
  [0, 0],
  ["high", 0.5],
  [undefined, 0.5],
])("what an agent says about its work is taken as it can be understood: %s", (confidence, share) => {
  const said = { output: "The work.", confidence, emotionalState: { focus: 70, doubt: "some" } };

  expect(judge("end_turn", `Here:\n${JSON.stringify(said)}`)).toMatchObject({
    isDone: true,
    result: { summary: "The work.", confidence: share, emotionalState: { focus: 0.7 } },
  });
});
