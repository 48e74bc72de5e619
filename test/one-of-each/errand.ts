import { z } from "zod";
import { UsageError } from "../../src/domain/errors.ts";
import { approve, edit, reject } from "../../src/requests/actions.ts";
import { defineKind } from "../../src/requests/kind.ts";

const dateSchema = z.looseObject({ date: z.iso.date() });

/** A kind of request that nothing in src knows: on which day is an errand run? */
export const errandKind = defineKind({
  name: "errand",
  payload: z.object({ place: z.string(), date: z.string() }),
  title: "An errand waits for you",
  question: "Go there?",
  ask: { policies: ["always", "never"], help: "Errands; default: always." },
  isAutoApprovable: true,
  byDefault: (answer) => (answer === "reject" ? { type: "reject", message: "Too late." } : undefined),
  ways: () => ["approve", `edit --args '{"date":"<YYYY-MM-DD>"}'`, "reject"],
  sections: ({ place, date }) => [
    {
      type: "facts",
      facts: [
        { name: "Where", text: place },
        { name: "When", text: date },
      ],
    },
  ],
  actions: (errand) => [
    approve("Go"),
    edit("Another day", {
      type: "text",
      label: "Day",
      name: "date",
      text: errand?.date ?? "",
      send: "Go then",
    }),
    reject("Stay", { label: "Why (optional)", question: "Why? " }),
  ],
  check: ({ id }, decision) => {
    if (decision.type !== "edit" || dateSchema.safeParse(decision.args).success) return;
    throw new UsageError(`The edit of ${id} must bring a day: {"date": "2026-12-24"}.`);
  },
});
