import { z } from "zod";
import { budgetKind } from "./budget.ts";
import { failureKind } from "./failure.ts";
import { interruptKind } from "./interrupt.ts";
import { defineKind, type RequestKind } from "./kind.ts";
import { planKind } from "./plan.ts";
import { questionKind } from "./question.ts";
import { resultKind } from "./result.ts";
import { toolKind } from "./tool.ts";

/** A list of kinds. */
export interface Kinds {
  readonly all: readonly RequestKind[];
  /** The kind of a request. An unknown kind shows the payload as JSON and takes no answer. */
  of(request: { readonly kind: string }): RequestKind;
}

export function makeKinds(all: readonly RequestKind[]): Kinds {
  const byName = new Map(all.map((kind) => [kind.name, kind]));
  return { all, of: ({ kind }) => byName.get(kind) ?? unknownKind(kind) };
}

function unknownKind(name: string): RequestKind {
  return defineKind({
    name,
    payload: z.never(),
    title: "A request waits for another version of Decurion",
    isAutoApprovable: false,
    byDefault: () => undefined,
    ways: () => [],
    sections: () => [],
    actions: () => [],
  });
}

/** All kinds. A new kind is a file and a line here. */
export const KINDS = makeKinds([
  planKind,
  toolKind,
  resultKind,
  questionKind,
  interruptKind,
  budgetKind,
  failureKind,
]);

export const kindOf = KINDS.of;
