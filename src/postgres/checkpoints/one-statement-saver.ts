import type { RunnableConfig } from "@langchain/core/runnables";
import {
  type ChannelVersions,
  type Checkpoint,
  type CheckpointMetadata,
  type PendingWrite,
  WRITES_IDX_MAP,
} from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { Database } from "../database.ts";

/**
 * LangGraph's Postgres saver, with one statement for each checkpoint and for each task's writes. The stock saver uses a
 * transaction with a statement for each channel: five to ten times the round trips, and every step of a graph waits for them.
 */
export class OneStatementSaver extends PostgresSaver {
  readonly #database: Database;

  constructor(database: Database) {
    super(database.pool, undefined, { schema: database.schema });
    this.#database = database;
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { threadId, namespace, checkpointId: parentId } = placeOf(config);
    const [blobs, plainMetadata] = await Promise.all([
      this._dumpBlobs(threadId, namespace, checkpoint.channel_values, newVersions),
      this._dumpMetadata(metadata),
    ]);
    const row = [
      threadId,
      namespace,
      checkpoint.id,
      parentId,
      this._dumpCheckpoint(checkpoint),
      plainMetadata,
    ];
    await this.#database.pool.query({
      ...named("put-checkpoint", `${blobs.length}`, blobs.length),
      text: `${blobs.length === 0 ? "" : `WITH blobs AS (${insertBlobs(blobs.length, row.length)})`}
        INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata)
        VALUES ${tuples(1, row.length, 0)}
        ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id)
        DO UPDATE SET checkpoint = EXCLUDED.checkpoint, metadata = EXCLUDED.metadata`,
      values: [...row, ...blobs.flat()],
    });
    return { configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpoint.id } };
  }

  override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    if (writes.length === 0) return;
    const { threadId, namespace, checkpointId } = placeOf(config);
    if (checkpointId === undefined)
      throw new Error("Writes belong to a checkpoint: checkpoint_id is missing.");
    const rows = await this._dumpWrites(threadId, namespace, checkpointId, taskId, writes);
    // Writes with a fixed index (interrupts, errors, resumes) replace an earlier one; others keep the first.
    const isSpecial = writes.every(([channel]) => channel in WRITES_IDX_MAP);
    for (let first = 0; first < rows.length; first += MAX_ROWS) {
      const some = rows.slice(first, first + MAX_ROWS);
      await this.#database.pool.query({
        ...named("put-writes", `${isSpecial}-${some.length}`, some.length),
        text: `INSERT INTO checkpoint_writes (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob)
          VALUES ${tuples(some.length, WRITE_COLUMNS, 0)}
          ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx) ${isSpecial ? REPLACE : "DO NOTHING"}`,
        values: some.flat(),
      });
    }
  }
}

const REPLACE = "DO UPDATE SET channel = EXCLUDED.channel, type = EXCLUDED.type, blob = EXCLUDED.blob";

/** The most rows of one statement, because Postgres allows 65,535 parameters. A node with thousands of sends writes more. */
const MAX_ROWS = 5000;
/** The most rows of a prepared statement. Each number of rows is another statement, and larger numbers are rare. */
const MAX_PREPARED_ROWS = 16;

function named(statement: string, variant: string, rows: number): { name?: string } {
  return rows <= MAX_PREPARED_ROWS ? { name: `${statement}-${variant}` } : {};
}

const BLOB_COLUMNS = 6;
const WRITE_COLUMNS = 8;

function insertBlobs(rows: number, before: number): string {
  return `INSERT INTO checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob)
    VALUES ${tuples(rows, BLOB_COLUMNS, before)}
    ON CONFLICT (thread_id, checkpoint_ns, channel, version) DO NOTHING`;
}

/** Placeholders for rows, numbered after the first `before` ones: `($7, $8), ($9, $10)`. */
function tuples(rows: number, columns: number, before: number): string {
  const tuple = (row: number) =>
    Array.from({ length: columns }, (_, column) => `$${before + row * columns + column + 1}`).join(", ");
  return Array.from({ length: rows }, (_, row) => `(${tuple(row)})`).join(", ");
}

function placeOf({ configurable }: RunnableConfig) {
  const threadId: unknown = configurable?.["thread_id"];
  if (typeof threadId !== "string")
    throw new Error("A checkpoint belongs to a thread: thread_id is missing.");
  const namespace: string = configurable?.["checkpoint_ns"] ?? "";
  const checkpointId: string | undefined = configurable?.["checkpoint_id"];
  return { threadId, namespace, checkpointId };
}
