-- What the control room lists, and what it lets a person do with a thread.
--
-- `replay_after` is the id of the last call that the journal no longer answers for: a fork that is to be bought anew sets
-- it, so that such a fork, too, goes on after a crash without paying twice.
ALTER TABLE threads ADD COLUMN replay_after bigint NOT NULL DEFAULT 0;

-- The list of threads, a page at a time, all of them or those in one status; and what has changed lately.
DROP INDEX threads_newest;
CREATE INDEX threads_newest ON threads (created_at DESC, thread_id DESC);
CREATE INDEX threads_in_status ON threads (status, created_at DESC, thread_id DESC);
CREATE INDEX threads_updated ON threads (updated_at);

-- A thread's latest execution is that of its newest row; without this Postgres may go through all threads' rows for it.
DROP INDEX agent_coordination_session;
CREATE INDEX agent_coordination_session ON agent_coordination (session_id, id);
