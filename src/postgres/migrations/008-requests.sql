-- Requests that are answered one by one, and kept for audit.
--
-- `answered_by` and `answered_via` say who answered and how: user@host in a terminal (cli), a client of the LangGraph
-- server (sdk), the control room (page), the run's own option (auto-approve), or nobody in time (deadline). The payload
-- stays as it was asked and the answer as it was given.
-- At `deadline_at`, by the database's clock, `default_answer` becomes the answer of a request that is still open;
-- whoever runs the thread or looks at its requests sees to that.
ALTER TABLE requests
  ADD COLUMN answered_by    text,
  ADD COLUMN answered_via   text CHECK (answered_via IN ('cli', 'sdk', 'page', 'auto-approve', 'deadline')),
  ADD COLUMN deadline_at    timestamptz,
  ADD COLUMN default_answer jsonb,
  ADD CONSTRAINT requests_deadline CHECK ((deadline_at IS NULL) = (default_answer IS NULL));
CREATE INDEX requests_due ON requests (deadline_at) WHERE status = 'open' AND deadline_at IS NOT NULL;

-- The request that a waiting task is asked about, written by the gate which asks it: a gate that comes by again while the
-- request is open asks the same row.
ALTER TABLE agent_coordination ADD COLUMN request_id text;
