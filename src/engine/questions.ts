import { z } from "zod";
import type { GraphState } from "./graph.ts";

/** An interrupt of ours which waits for a human, by LangGraph's id, and the requests it asks by our ids. */
export interface Question {
  readonly interruptId: string;
  readonly requestIds: readonly string[];
}

const payloadSchema = z.looseObject({ requests: z.array(z.looseObject({ id: z.string() })) });

/** What a thread's state waits for. An interrupt that is not of our making has no requests. */
export function questionsOf(state: GraphState): Question[] {
  return state.tasks
    .flatMap((task) => task.interrupts)
    .map(({ id, value }) => {
      const payload = payloadSchema.safeParse(value);
      return {
        interruptId: id ?? "",
        requestIds: payload.success ? payload.data.requests.map((request) => request.id) : [],
      };
    });
}
