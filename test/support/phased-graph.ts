import { END, START } from "@langchain/langgraph";
import { claudeExecutor, defineGraph, type Task, type WorkflowState } from "../../src/index.ts";

/** What one phase of the graph plans, from what is known when it begins. */
export type Phase = (state: WorkflowState) => readonly Task[];

/** A graph of phases, each of which plans tasks and runs them in an executor of its own, one phase after another. */
export function phasedGraph(name: string, phases: readonly Phase[]) {
  return defineGraph(name, (builder) =>
    builder
      .addNode("plan0", plan(phases[0]))
      .addNode("run0", claudeExecutor())
      .addNode("plan1", plan(phases[1]))
      .addNode("run1", claudeExecutor())
      .addNode("end", () => ({ verdict: "completed" as const }))
      .addEdge(START, "plan0")
      .addEdge("plan0", "run0")
      .addEdge("run0", "plan1")
      .addEdge("plan1", "run1")
      .addEdge("run1", "end")
      .addEdge("end", END),
  );
}

const plan =
  (phase: Phase = () => []) =>
  (state: WorkflowState) => ({ currentTasks: [...phase(state)] });

/** A graph with one executor which is entered so many times, the first time straight from the start. */
export function loopingGraph(name: string, rounds: number, next: Phase) {
  return defineGraph(name, (builder) =>
    builder
      .addNode("run", claudeExecutor())
      .addNode("again", (state: WorkflowState) => ({
        currentTasks: [...next(state)],
        sharedMemory: [`round ${state.sharedMemory.length + 1}`],
      }))
      .addNode("end", () => ({ verdict: "completed" as const }))
      .addEdge(START, "run")
      .addEdge("run", "again")
      .addConditionalEdges(
        "again",
        ({ sharedMemory }: WorkflowState) => (sharedMemory.length < rounds ? "run" : "end"),
        ["run", "end"],
      )
      .addEdge("end", END),
  );
}
