-- A conversation is a record: what it was opened with is written with its first call, and every later turn is built from
-- that, the recorded responses and the recorded tool results.
--
-- `request_texts` holds the texts that conversations are opened with, once for each thread: ten thousand tasks of one agent
-- share its system prompt and its tools. `opening` of a call that opens a conversation names its texts by their hashes.
CREATE TABLE request_texts (
  thread_id uuid NOT NULL REFERENCES threads ON DELETE CASCADE,
  hash      text NOT NULL,
  body      text NOT NULL,
  PRIMARY KEY (thread_id, hash)
);
ALTER TABLE claude_calls ADD COLUMN opening jsonb;

-- A tool call belongs to the Claude call whose response asked for it: another response of the same turn, in an execution
-- that was bought again, may use the same id.
ALTER TABLE tool_calls ADD COLUMN call_id bigint REFERENCES claude_calls ON DELETE CASCADE;
UPDATE tool_calls t SET call_id = (
  SELECT c.id FROM claude_calls c
  WHERE c.thread_id = t.thread_id AND c.phase = 'agents' AND c.task_id = t.task_id AND c.attempt = t.attempt
    AND c.turn = t.turn AND c.status = 'committed'
    AND c.response->'content' @> jsonb_build_array(jsonb_build_object('type', 'tool_use', 'id', t.tool_use_id))
  ORDER BY c.id LIMIT 1);
ALTER TABLE tool_calls DROP CONSTRAINT tool_calls_thread_id_task_id_attempt_turn_tool_use_id_key,
  ADD UNIQUE (call_id, position);
CREATE INDEX tool_calls_turn ON tool_calls (thread_id, task_id, attempt, turn);

-- A response goes back to the API as it came: jsonb would change the order of its keys.
ALTER TABLE claude_calls ALTER COLUMN response TYPE json USING response::json;
