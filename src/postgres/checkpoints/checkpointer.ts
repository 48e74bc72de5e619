import { randomBytes } from "node:crypto";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  type PendingWrite,
} from "@langchain/langgraph-checkpoint";
import type { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { Database } from "../database.ts";
import { OneStatementSaver } from "./one-statement-saver.ts";

/**
 * LangGraph's Postgres saver, safe for forks. It opens the database at the first use, so that a graph can be built and drawn
 * without one.
 *
 * The stock saver counts channel versions 1, 2, 3 in every branch and does not overwrite stored values, so that a fork reads
 * the values of the older branch (langgraphjs #1812). Here a version is a counter with a random suffix, unique over all
 * branches.
 */
class ForkSafeSaver extends BaseCheckpointSaver<string> {
  readonly #open: (config: RunnableConfig) => Promise<PostgresSaver>;

  constructor(open: (config: RunnableConfig) => Promise<PostgresSaver>) {
    super();
    this.#open = open;
  }

  override getNextVersion(current: string | undefined): string {
    const counter = current === undefined ? 0 : Number.parseInt(current, 10);
    return `${String(counter + 1).padStart(COUNTER_DIGITS, "0")}.${randomBytes(8).toString("hex")}`;
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    return (await this.#open(config)).getTuple(config);
  }

  override async *list(
    config: RunnableConfig,
    options?: CheckpointListOptions,
  ): AsyncGenerator<CheckpointTuple> {
    yield* (await this.#open(config)).list(config, options);
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    return (await this.#open(config)).put(config, checkpoint, metadata, newVersions);
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    await (await this.#open(config)).putWrites(config, writes, taskId);
  }

  override async deleteThread(threadId: string): Promise<void> {
    await (await this.#open({})).deleteThread(threadId);
  }
}

/** Versions are compared as text: padding makes them sort like numbers. */
const COUNTER_DIGITS = 32;

/**
 * A checkpointer on the database that `database` opens at the first use.
 *
 * @param database - is given the configuration of the run that reads or writes.
 */
export function createCheckpointer(
  database: (config: RunnableConfig) => Promise<Database>,
): BaseCheckpointSaver<string> {
  const savers = new WeakMap<Database, PostgresSaver>();
  return new ForkSafeSaver(async (config) => {
    const open = await database(config);
    const saver = savers.get(open) ?? new OneStatementSaver(open);
    savers.set(open, saver);
    return saver;
  });
}
