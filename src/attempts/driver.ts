import type { AgentResult } from "../domain/agent-result.ts";
import type { Config } from "../domain/config.ts";
import type { DriverTraits } from "../domain/driver-traits.ts";
import type { Finding } from "../domain/finding.ts";
import type { FailureClass } from "../domain/ladder.ts";
import type { Model } from "../domain/model.ts";
import type { PriceTable } from "../domain/price.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import type { AgentRequest, AttemptContext } from "./agent-request.ts";

/** How one attempt ended. `answer` is the answer so far, which a human may accept. */
export type AttemptEnd =
  | { readonly isDone: true; readonly result: AgentResult }
  | {
      readonly isDone: false;
      readonly failure: FailureClass;
      readonly digest: string;
      readonly answer: AgentResult | null;
      /** Whether every further attempt would end like this. Then a human is asked. */
      readonly isFinal?: boolean;
    };

/**
 * Makes one attempt at a task, from the prompt to a judged and validated answer. Every call to Claude is in the ledger,
 * paid calls are replayed, and it never starts an agent. All drivers pass the same contract (`test/contract`).
 *
 * @throws CallError, OverBudgetError or NestedSpawnError when something else ended the attempt.
 */
export type Driver = (
  request: AgentRequest,
  context: AttemptContext,
  model: Model,
  attempt: number,
) => Promise<AttemptEnd>;

/** The settings for opening a driver: those of the process, and the options of one run. */
export interface DriverSettings {
  readonly config: Config;
  readonly folders: { readonly project: string; readonly package: string };
  readonly prices: PriceTable;
  /** Decurion's own folder in the project. */
  readonly home: string;
  readonly options: ThreadOptions;
}

/** The settings that a driver's descriptor may read. */
export type DriverSurroundings = Pick<DriverSettings, "config" | "folders">;

/** One driver: its name, its use of an agent's file, and how a run opens it. */
export interface DriverDescriptor extends DriverTraits {
  /** Its name for people, for a list of drivers. */
  readonly label: string;
  /** Whether agents work with the tools of `src/tools`; otherwise the driver brings its own. */
  readonly usesOurTools: boolean;
  /**
   * Opens the driver for one run.
   *
   * @throws UsageError when its package is not installed.
   */
  open(settings: DriverSettings): Driver;
  /** Why a run that chooses this driver for all its agents cannot start, as a sentence; undefined when it can. */
  problemOf?(surroundings: DriverSurroundings): string | undefined;
  /** The folders that it keeps for a thread below Decurion's own folder; prune removes them. */
  foldersOf?(home: string, threadId: string): readonly string[];
  /** Its finding for `doctor`. Starts, changes and pays for nothing. */
  checkUp?(surroundings: DriverSurroundings): Promise<Finding>;
}
