import { describe, expect, it } from "vitest";
import { Conversation } from "../../src/attempts/window.ts";
import type { ConversationMessage } from "../../src/calls/transport.ts";

const OPENING = { system: "s", prompt: "p" };
/** One turn: a call, and its result of so many characters. */
function turnOf(id: number, characters: number): ConversationMessage[] {
  const call = { type: "tool_use", id: `t${id}`, name: "Read", input: {} };
  const result = { type: "tool_result", tool_use_id: `t${id}`, content: "x".repeat(characters) };
  return [
    { role: "assistant", content: [call] },
    { role: "user", content: [result] },
  ];
}

const PLACE = { threadId: "t", executionId: "e", taskId: "a", attempt: 2 };
/** Adds turns with results of these lengths. */
function addTurns(conversation: Conversation, lengths: readonly number[]): void {
  for (const [at, length] of lengths.entries()) {
    const [call, result] = turnOf(at + 1, length);
    if (call) conversation.add(call);
    if (result) conversation.addResults(result, { ...PLACE, turn: at + 1 });
  }
}

const resultsIn = (conversation: Conversation) =>
  conversation.messages.flatMap(({ role, content }) =>
    role === "user" && typeof content !== "string" ? content.map((block) => Object(block).content) : [],
  );
const isLong = (text: string) => text.startsWith("x");

describe("a conversation", () => {
  it("is sent whole while it fits, call and result in their order", () => {
    const conversation = new Conversation(OPENING, 10_000);
    addTurns(conversation, [5000, 5000]);
    expect(conversation.messages).toEqual([turnOf(1, 5000), turnOf(2, 5000)].flat());
  });

  it("that fills the window leaves out its oldest long results, and says how they are read again", () => {
    const conversation = new Conversation(OPENING, 10_000);
    addTurns(conversation, [5000, 300, 5000, 5000, 5000, 5000]);
    const results = resultsIn(conversation);
    expect(results).toHaveLength(6);
    expect(results[0]).toBe(
      '[5000 characters are left out here to save room; read_result with {"result": "2.1.1"} reads it again]',
    );
    expect(results.map(isLong)).toEqual([false, true, false, true, true, true]);
    expect(JSON.stringify(conversation.messages).length).toBeLessThan(30_000 * 0.7);
  });

  it("keeps what it sent for many turns, so that the cache stays useful", () => {
    const conversation = new Conversation(OPENING, 100_000);
    const sent: string[] = [];
    for (let id = 1; id <= 200; id++) {
      addTurns(conversation, [5000]);
      sent.push(JSON.stringify(conversation.messages).slice(0, -1));
    }
    const changes = sent.filter((text, at) => at > 0 && !text.startsWith(sent[at - 1] ?? ""));
    expect(changes.length).toBeGreaterThan(3);
    expect(changes.length).toBeLessThan(12);
    for (const text of sent) expect(text.length).toBeLessThan(300_000 * 0.75);
  });

  it("leaves out half of it when a server has no room for it, as long as there is something to leave out", () => {
    const conversation = new Conversation(OPENING, 1_000_000);
    addTurns(conversation, Array(12).fill(5000));
    expect(conversation.shorten()).toBe(true);
    expect(resultsIn(conversation).filter(isLong).length).toBeLessThan(7);
    while (conversation.shorten());
    expect(resultsIn(conversation).slice(-3).every(isLong)).toBe(true);
    expect(new Conversation(OPENING, 10).shorten()).toBe(false);
  });
});
