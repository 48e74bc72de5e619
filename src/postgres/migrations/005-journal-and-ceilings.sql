-- The ledger becomes a journal, and a thread's budget a ceiling.
--
-- `promised_usd` is never less than what a thread's calls cost or, while they are under way, may cost. A reservation
-- adds its worst case to it under the row's lock, if the sum stays within the budget; what a call cost less than that
-- is taken off only when the room seems to be used up (see ledger.ts), so that settling a call locks nothing.
ALTER TABLE threads ADD COLUMN promised_usd numeric NOT NULL DEFAULT 0;
UPDATE threads t SET promised_usd = coalesce(
  (SELECT sum(CASE status WHEN 'reserved' THEN reserved_usd ELSE cost_usd END)
   FROM claude_calls c WHERE c.thread_id = t.thread_id), 0);

-- `execution_id`: which execution of the plan bought the call. `replays`: how often its response was used again.
ALTER TABLE claude_calls ADD COLUMN execution_id text, ADD COLUMN replays integer NOT NULL DEFAULT 0;
CREATE INDEX claude_calls_reserved_at ON claude_calls (reserved_at);

-- What a waiting task waits for, as its gate asks a human; and how many attempts were made before a human last said
-- "try again": the ladder begins anew after those.
ALTER TABLE agent_coordination ADD COLUMN waiting_for jsonb,
  ADD COLUMN attempts_before integer NOT NULL DEFAULT 0,
  ADD COLUMN advice text,
  ADD COLUMN budget_usd numeric;

-- One row an attempt that failed: why, in a sentence that the next attempt is told, and what its answer was.
-- An attempt that succeeded is the task's own row.
CREATE TABLE task_attempts (
  session_id   uuid NOT NULL,
  execution_id text NOT NULL,
  task_id      text NOT NULL,
  attempt      integer NOT NULL,
  model        text NOT NULL,
  failure      text NOT NULL,
  digest       text NOT NULL,
  answer       jsonb,
  ended_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (session_id, execution_id, task_id, attempt)
);
