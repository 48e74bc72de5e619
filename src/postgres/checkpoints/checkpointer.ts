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
  readonly #open: () => Promise<PostgresSaver>;

  constructor(open: () => Promise<PostgresSaver>) {
    super();
    this.#open = open;
  }

  override getNextVersion(current: string | undefined): string {
    const counter = current === undefined ? 0 : Number.parseInt(current, 10);
    return `${String(counter + 1).padStart(COUNTER_DIGITS, "0")}.${randomBytes(8).toString("hex")}`;
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    return (await this.#open()).getTuple(config);
  }

  override async *list(
    config: RunnableConfig,
    options?: CheckpointListOptions,
  ): AsyncGenerator<CheckpointTuple> {
    yield* (await this.#open()).list(config, options);
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    return (await this.#open()).put(config, checkpoint, metadata, newVersions);
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    await (await this.#open()).putWrites(config, writes, taskId);
  }

  override async deleteThread(threadId: string): Promise<void> {
    await (await this.#open()).deleteThread(threadId);
  }
}

/** Versions are compared as text: padding makes them sort like numbers. */
const COUNTER_DIGITS = 32;

/** A checkpointer for the database that `database` opens at the first use. */
export function createCheckpointer(database: () => Promise<Database>): BaseCheckpointSaver<string> {
  let saver: { readonly of: Database; readonly saver: PostgresSaver } | undefined;
  return new ForkSafeSaver(async () => {
    const open = await database();
    // After a lost connection `database` returns another one, which needs another saver.
    if (saver?.of !== open) {
      saver = { of: open, saver: new OneStatementSaver(open) };
    }
    return saver.saver;
  });
}
