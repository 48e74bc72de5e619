/** The version of the input of a checkpoint's branch. New input on a thread has a new version. */
const INPUT_OF = "checkpoint #> '{versions_seen,__start__,__start__}'";

/**
 * A subquery for the ids of a thread's current rows in `agent_coordination`. `thread` is an SQL expression for its id.
 *
 * An execution is current if it began from a checkpoint on the thread's branch: LangGraph's newest checkpoint and its
 * ancestors, back to the newest input. So a fork keeps the tasks before its checkpoint and drops those after it, all nodes of
 * the branch are included, and new input starts with no tasks. When a later round of a node repeats a task id, the later row
 * is current.
 *
 * If the checkpoint of an execution is unknown, or the thread has no checkpoint, the thread's newest execution is current.
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
