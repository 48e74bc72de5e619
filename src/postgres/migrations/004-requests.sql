-- What a human was asked and what they answered. The id is ours and stays, whatever LangGraph's interrupt
-- id does. A gate node asks (the same question twice is one row), anyone answers, the first answer wins.
CREATE TABLE requests (
  id          text PRIMARY KEY,
  thread_id   uuid NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('plan', 'tool', 'budget', 'failure', 'result', 'question')),
  task_id     text,
  summary     text NOT NULL,
  payload     jsonb NOT NULL,
  status      text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'answered', 'withdrawn')),
  answer      jsonb,
  asked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  answered_at timestamptz
);
CREATE INDEX requests_thread ON requests (thread_id, asked_at);
CREATE INDEX requests_open ON requests (asked_at) WHERE status = 'open';
