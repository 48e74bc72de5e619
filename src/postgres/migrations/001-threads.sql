-- A thread is one workflow run with its state. The row is written by whoever runs the thread (the thread's
-- advisory lock is theirs) and read by everyone. `options` holds what the run was started with, so that a
-- resume in another process on another day goes on under the same rules.
CREATE TABLE threads (
  thread_id  uuid PRIMARY KEY,
  graph      text NOT NULL,
  input      text NOT NULL DEFAULT '',
  options    jsonb NOT NULL DEFAULT '{}',
  status     text NOT NULL DEFAULT 'queued'
             CHECK (status IN ('queued', 'running', 'waiting', 'completed', 'partial', 'failed', 'cancelled')),
  simulated  boolean NOT NULL DEFAULT false,
  budget_usd numeric NOT NULL CHECK (budget_usd > 0),
  output     text,
  error      text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at   timestamptz
);
CREATE INDEX threads_newest ON threads (created_at DESC);
