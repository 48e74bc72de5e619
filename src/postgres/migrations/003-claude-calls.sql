-- The ledger: one row a Claude call, reserved before the request is sent and settled after the answer.
-- `phase` says which part of the workflow paid (plan, agents, synthesis); `task_id` is the task's id in the
-- agents phase. Tokens are as the API reported them; `cost_usd` is computed from them and the dated prices.
CREATE TABLE claude_calls (
  id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  thread_id          uuid NOT NULL,
  phase              text NOT NULL,
  task_id            text NOT NULL,
  agent              text NOT NULL,
  attempt            integer NOT NULL DEFAULT 1,
  turn               integer NOT NULL DEFAULT 1,
  request_hash       text NOT NULL,
  status             text NOT NULL CHECK (status IN ('reserved', 'committed', 'failed', 'unknown')),
  model              text NOT NULL,
  input_tokens       integer NOT NULL DEFAULT 0,
  output_tokens      integer NOT NULL DEFAULT 0,
  cache_read_tokens  integer NOT NULL DEFAULT 0,
  cache_write_tokens integer NOT NULL DEFAULT 0,
  reserved_usd       numeric NOT NULL,
  cost_usd           numeric NOT NULL DEFAULT 0,
  response           jsonb,
  request_id         text,
  error              text,
  reserved_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  settled_at         timestamptz
);
CREATE INDEX claude_calls_key ON claude_calls (thread_id, phase, task_id, attempt, turn);
