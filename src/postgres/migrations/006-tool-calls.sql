-- One row a tool call of an agent, written by the lane that runs the task: before the call is run, or when a human must
-- be asked first (`asked`); its result is there before the next turn is bought. A call is known by the turn whose response
-- asked for it, whichever execution that was: what replays the response uses the recorded result and runs nothing again.
-- A row that is `running` when its task is taken up again was interrupted. `decision` is the human's. `result` is whole;
-- `shown` is what the model was shown of it where that is less.
CREATE TABLE tool_calls (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  thread_id    uuid NOT NULL,
  execution_id text NOT NULL,
  task_id      text NOT NULL,
  attempt      integer NOT NULL,
  turn         integer NOT NULL,
  position     integer NOT NULL,
  tool_use_id  text NOT NULL,
  name         text NOT NULL,
  input        jsonb NOT NULL,
  status       text NOT NULL CHECK (status IN ('asked', 'running', 'done', 'failed', 'rejected')),
  decision     jsonb,
  result       text,
  shown        text,
  is_error     boolean,
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at   timestamptz,
  ended_at     timestamptz,
  UNIQUE (thread_id, task_id, attempt, turn, tool_use_id)
);
