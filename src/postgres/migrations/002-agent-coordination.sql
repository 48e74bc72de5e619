-- One row a task of one execution: what was asked of which agent, how it stands, what came of it.
-- The first seven columns are the field report's own, so its plain INSERT and SELECT work; rows inserted
-- that way have no execution and are never run. Rows with an execution are written by `dispatch` (all at
-- once, pending), by the lane which claims one (running) and by the same lane which records its outcome.
-- `blockers` counts dependencies not yet completed; a pending row with none is ready.
CREATE TABLE agent_coordination (
  session_id      uuid,
  agent_type      text,
  task_id         text,
  status          text,
  result          jsonb,
  emotional_state jsonb,
  "timestamp"     timestamptz DEFAULT clock_timestamp(),
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  execution_id    text,
  position        integer,
  wave            integer,
  description     text,
  prompt          text,
  validate        jsonb,
  depends_on      text[] NOT NULL DEFAULT '{}',
  dependants      text[] NOT NULL DEFAULT '{}',
  blockers        integer NOT NULL DEFAULT 0,
  claimed_by      uuid,
  attempts        integer NOT NULL DEFAULT 0,
  escalated       boolean NOT NULL DEFAULT false,
  requested_model text,
  model           text,
  cost_usd        numeric NOT NULL DEFAULT 0,
  error           text,
  started_at      timestamptz,
  ended_at        timestamptz
);
CREATE UNIQUE INDEX agent_coordination_task ON agent_coordination (session_id, execution_id, task_id)
  WHERE execution_id IS NOT NULL;
CREATE INDEX agent_coordination_session ON agent_coordination (session_id);
CREATE INDEX agent_coordination_ready ON agent_coordination (session_id, execution_id, position)
  WHERE status = 'pending' AND blockers = 0;
