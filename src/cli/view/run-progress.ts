import type { Phase, ProgressEvent } from "../../domain/event.ts";
import type { TaskStatus } from "../../domain/task.ts";
import { sayProgress } from "../../nodes/agent-blocks.ts";
import { JsonWords } from "./json-words.ts";

/** A task in the live list. Texts are untrusted. */
export interface TaskProgress {
  readonly id: string;
  readonly agent: string;
  status: TaskStatus;
  costUsd: number;
  /** On the view's clock. */
  startedAtMs: number;
  /** Null until it ends. */
  ms: number | null;
  /** Its error, its result or the latest note. */
  said: string;
  words: JsonWords | undefined;
  /** The progress that it reports. */
  stage: string;
}

type TaskEvent = Extract<ProgressEvent, { type: "task" }>;

const OPEN: readonly TaskStatus[] = ["running", "waiting"];
/** More than any terminal has lines. */
const RECENT = 200;

/** The state of a run from its events. An event costs the same with ten tasks and with 10,000. */
export class RunProgress {
  readonly tasks = new Map<string, TaskProgress>();
  readonly counts = new Map<TaskStatus, number>();
  /** Running and waiting tasks in the order of their start. */
  readonly open = new Set<TaskProgress>();
  /** The last ended tasks, oldest first. */
  readonly ended: TaskProgress[] = [];
  phase: Phase = "plan";
  spentUsd = 0;
  /** The latest words of the planner or the synthesizer. */
  words: JsonWords | undefined;
  said = "";

  hear(event: ProgressEvent, nowMs: number): void {
    if (event.type === "planned") this.#plan(event.tasks);
    else if (event.type === "task") this.#change(event, nowMs);
    else if (event.type === "call") this.#pay(event.phase, event.taskId, event.costUsd);
    else if (event.type === "progress")
      this.#setStage(event.taskId, sayProgress(event.status, event.progress));
    else this.#listen(event);
  }

  count(status: TaskStatus): number {
    return this.counts.get(status) ?? 0;
  }

  /** Replaces the plan. Keeps the cost. */
  #plan(tasks: readonly { id: string; agent: string }[]): void {
    const known = new Map(this.tasks);
    this.tasks.clear();
    this.counts.clear();
    for (const task of tasks) {
      const before = known.get(task.id);
      this.#add(before?.agent === task.agent ? before : newTask(task.id, task.agent));
    }
    for (const task of this.open) if (this.tasks.get(task.id) !== task) this.open.delete(task);
    this.ended.splice(0, this.ended.length, ...this.ended.filter((task) => this.tasks.get(task.id) === task));
    this.#silence();
  }

  #add(task: TaskProgress): void {
    this.tasks.set(task.id, task);
    this.counts.set(task.status, this.count(task.status) + 1);
  }

  #taskOf(id: string, agent: string): TaskProgress {
    const known = this.tasks.get(id);
    if (known) return known;
    const task = newTask(id, agent);
    this.#add(task);
    return task;
  }

  #change(event: TaskEvent, nowMs: number): void {
    const task = this.#taskOf(event.id, event.agent);
    this.#enterPhase("agents");
    this.counts.set(task.status, this.count(task.status) - 1);
    this.counts.set(event.status, this.count(event.status) + 1);
    task.status = event.status;
    task.ms = event.ms;
    task.said = event.error ?? event.summary ?? "";
    task.words = undefined;
    task.stage = "";
    this.#charge(task, event.costUsd - task.costUsd);
    if (event.status === "running") task.startedAtMs = nowMs;
    this.open.delete(task);
    if (OPEN.includes(event.status)) this.open.add(task);
    else if (event.status !== "pending") this.#end(task);
  }

  #end(task: TaskProgress): void {
    const before = this.ended.indexOf(task);
    if (before >= 0) this.ended.splice(before, 1);
    this.ended.push(task);
    if (this.ended.length > RECENT) this.ended.splice(0, this.ended.length - RECENT);
  }

  #pay(phase: Phase, taskId: string, costUsd: number): void {
    this.#enterPhase(phase);
    const task = phase === "agents" ? this.tasks.get(taskId) : undefined;
    if (task) this.#charge(task, costUsd);
    else this.spentUsd += costUsd;
  }

  /** A task's cost only grows. The cost of attempts in earlier processes may arrive late. */
  #charge(task: TaskProgress, moreUsd: number): void {
    if (moreUsd <= 0) return;
    task.costUsd += moreUsd;
    this.spentUsd += moreUsd;
  }

  #listen(event: Extract<ProgressEvent, { type: "text" | "note" | "tool" }>): void {
    this.#enterPhase(event.phase);
    // A note without a task is about the run.
    const isOfTask = event.phase === "agents" && event.taskId !== "";
    const speaker = isOfTask ? this.tasks.get(event.taskId) : this;
    if (!speaker) return;
    if (event.type === "tool") {
      if (event.status === "running") speaker.said = `${event.name} ${event.summary}`;
      speaker.words = undefined; // The next words are another turn's.
      return;
    }
    if (event.type === "note") {
      speaker.said = event.text;
      speaker.words = undefined; // The next words are another attempt's.
      if (isOfTask) this.#setStage(event.taskId, "");
      return;
    }
    speaker.words ??= new JsonWords();
    speaker.words.add(event.text);
  }

  #setStage(taskId: string, stage: string): void {
    const task = this.tasks.get(taskId);
    if (task) task.stage = stage;
  }

  #enterPhase(phase: Phase): void {
    if (phase === this.phase) return;
    this.phase = phase;
    this.#silence();
  }

  #silence(): void {
    this.words = undefined;
    this.said = "";
  }
}

function newTask(id: string, agent: string): TaskProgress {
  return {
    id,
    agent,
    status: "pending",
    costUsd: 0,
    startedAtMs: 0,
    ms: null,
    said: "",
    words: undefined,
    stage: "",
  };
}
