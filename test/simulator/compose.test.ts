import { expect, it } from "vitest";
import { asMaterial, MATERIAL_RULE } from "../../src/domain/material.ts";
import { composeAnswer } from "../../src/simulator/compose.ts";
import type { MessagesRequest } from "../../src/simulator/request.ts";

it("a composed answer has the words of the prompt, not the tags around what others wrote", () => {
  const content = `Do it.\n\nResults. ${MATERIAL_RULE}\n\n### find (research): Find it\n${asMaterial("The queue has ten workers.")}`;
  const request = {
    model: "m",
    max_tokens: 100,
    messages: [{ role: "user", content }],
  } as unknown as MessagesRequest;
  const answer = composeAnswer(request, () => 0.5);
  expect(answer).toContain("The queue has ten workers");
  expect(answer).not.toContain("material");
});
