import { z } from "zod";
import { lineForDecision } from "../format/decision-text.ts";
import { clip } from "../format/text.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { questionSchema } from "../tools/ask-human.ts";
import { choose, giveUp, respond } from "./actions.ts";
import { defineKind } from "./kind.ts";
import { NOBODY_ANSWERED } from "./nobody-answered.ts";
import { type AskedCall, aboutCall, callPayloadSchema, settleCall } from "./tool-call.ts";

/** Characters of a malformed question, and of one that the summary shows whole. */
const INPUT_CHARACTERS = 200;

/** A question of an agent. The answer is the result of its tool call. */
export const questionKind = defineKind({
  name: "question",
  payload: callPayloadSchema
    .partial()
    .extend({ question: z.string(), options: z.array(z.string()).optional() }),
  title: "An agent has a question",
  question: "What do you say?",
  ask: {
    policies: ["always", "never"],
    help: "Whether agents may ask questions; default: those whose files list ask_human.",
  },
  isAutoApprovable: false,
  approvalReach: "data",
  byDefault: () => ({
    type: "respond",
    message: `${NOBODY_ANSWERED} Say what you assume, and go on.`,
  }),
  ways: () => ['respond --message "<the answer>"', "reject     (the agent goes on without an answer)"],
  sections: ({ question }) =>
    isShort(question) ? [] : [{ type: "text", label: "The question", text: question }],
  actions: (asked) => [
    ...(asked?.options && asked.options.length > 0 ? [choose(asked.options)] : []),
    respond("Answer", { label: "Your answer", question: "Your answer: " }, "[a]nswer"),
    giveUp("Decline", "Why (optional)", "[n]o"),
  ],
  settle: settleCall,
});

/** Whether the summary shows all of it. */
function isShort(question: string): boolean {
  return question.length <= INPUT_CHARACTERS && lineForDecision(question) === question;
}

/** Asks an agent's question. Shows a malformed question as JSON: a human may understand it. */
export function questionRequest(asked: AskedCall): NewRequest {
  const { input } = asked.call;
  const { question, place } = aboutCall(asked);
  const parsed = questionSchema.safeParse(input);
  const said = parsed.success ? parsed.data : { question: clip(JSON.stringify(input), INPUT_CHARACTERS) };
  return questionKind.request({
    ...question,
    payload: { ...place, ...said },
    summary: `Task "${place.task}" (${place.agent}) asks: ${said.question}`,
  });
}
