import { describe, expect, it } from "vitest";
import { runBody } from "../../../src/control-room/threads/run-body.ts";

function form(fields: Readonly<Record<string, string>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

describe("the form that starts a run", () => {
  it("leaves out what was left empty, so that the defaults hold", () => {
    const empty = { budgetUsd: "", parallel: " ", executor: "", model: "" };
    expect(runBody(form({ graph: "orchestrate", input: " Do it. ", ...empty }))).toEqual({
      graph: "orchestrate",
      input: "Do it.",
      options: {},
    });
  });

  it("sends what was chosen", () => {
    const fields = {
      budgetUsd: "0.5",
      parallel: "3",
      executor: "simulated",
      model: "opus",
      autoApprove: "on",
    };
    expect(runBody(form({ graph: "g", input: "i", ...fields })).options).toEqual({
      budgetUsd: 0.5,
      parallel: 3,
      executor: "simulated",
      model: "opus",
      autoApprove: ["plan"],
    });
  });
});
