-- Which execution of a plan a task's row belongs to, so that a thread shows the tasks of every node that ran some.
--
-- `node` is the node of the graph that runs the execution. `checkpoint_id` is the checkpoint of the thread from which the
-- node began: an execution counts while that checkpoint is an ancestor of the thread's newest one, and no longer when a
-- fork leaves it behind. Both are null in rows older than this; of those the thread's newest execution counts.
ALTER TABLE agent_coordination ADD COLUMN node text, ADD COLUMN checkpoint_id text;
