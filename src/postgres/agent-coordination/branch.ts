/** The version of the input that a checkpoint's branch has read. New input on a thread is another version. */
const INPUT_OF = "checkpoint #> '{versions_seen,__start__,__start__}'";

/**
 * The ids of the rows of `agent_coordination` that count for a thread, as a subquery. `thread` is an SQL expression for its id.
 *
 * An execution counts if the checkpoint it began from is on the thread's branch: LangGraph's newest checkpoint of the thread
 * and its ancestors, back to where the run read its input. So a fork leaves behind what came after its checkpoint and keeps
 * what came before it; several nodes, one after another or in parallel, all count; and new input on the thread starts over.
 * A node that is entered again on the same branch counts each time: a task that a later round repeats, by the same id, counts
 * as the later round left it.
 *
 * Where the checkpoint of an execution is not known, or the thread has none, the thread's newest execution counts.
 */
export const tasksThatCount = (thread: string): string => `(
  WITH RECURSIVE branch AS (
    (SELECT checkpoint_id, parent_checkpoint_id, ${INPUT_OF} AS input FROM checkpoints
     WHERE thread_id = ${thread}::text AND checkpoint_ns = '' ORDER BY checkpoint_id DESC LIMIT 1)
    UNION ALL
    SELECT c.checkpoint_id, c.parent_checkpoint_id, b.input FROM branch b JOIN checkpoints c
      ON c.thread_id = ${thread}::text AND c.checkpoint_ns = '' AND c.checkpoint_id = b.parent_checkpoint_id
    WHERE c.${INPUT_OF} IS NOT DISTINCT FROM b.input
  )
  SELECT DISTINCT ON (e.node, e.task_id) e.id FROM agent_coordination e
  WHERE e.session_id = ${thread} AND e.execution_id IS NOT NULL AND CASE
    WHEN e.checkpoint_id IS NULL OR NOT EXISTS (SELECT FROM branch) THEN e.execution_id = (
      SELECT n.execution_id FROM agent_coordination n
      WHERE n.session_id = ${thread} AND n.execution_id IS NOT NULL ORDER BY n.id DESC LIMIT 1)
    ELSE e.checkpoint_id IN (SELECT checkpoint_id FROM branch) END
  ORDER BY e.node, e.task_id, e.id DESC)`;
