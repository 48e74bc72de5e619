-- A thread's row owns every other row about the thread: deleting it deletes all of them. Only LangGraph's checkpoint tables,
-- whose thread_id is a text, cannot point here; `prune` deletes theirs in the same statement.
--
-- Rows that name a thread which is gone go first: nothing reads them.
DELETE FROM claude_calls r WHERE NOT EXISTS (SELECT FROM threads t WHERE t.thread_id = r.thread_id);
DELETE FROM requests r WHERE NOT EXISTS (SELECT FROM threads t WHERE t.thread_id = r.thread_id);
DELETE FROM tool_calls r WHERE NOT EXISTS (SELECT FROM threads t WHERE t.thread_id = r.thread_id);
DELETE FROM task_attempts r WHERE NOT EXISTS (SELECT FROM threads t WHERE t.thread_id = r.session_id);
DELETE FROM agent_coordination r
  WHERE execution_id IS NOT NULL AND NOT EXISTS (SELECT FROM threads t WHERE t.thread_id = r.session_id);

ALTER TABLE claude_calls ADD FOREIGN KEY (thread_id) REFERENCES threads ON DELETE CASCADE;
ALTER TABLE requests ADD FOREIGN KEY (thread_id) REFERENCES threads ON DELETE CASCADE;
ALTER TABLE tool_calls ADD FOREIGN KEY (thread_id) REFERENCES threads ON DELETE CASCADE;
ALTER TABLE task_attempts ADD FOREIGN KEY (session_id) REFERENCES threads ON DELETE CASCADE;

-- The field report's plain INSERT names sessions that may be no thread: it must work, and must not make a thread that `list`
-- shows, `resume` fails on and `prune` deletes. So `session_id` stays free, and `owner` is the thread of that id, or null
-- where there is none. Our own statements write it; for others' these triggers do, whichever row comes first.
ALTER TABLE agent_coordination ADD COLUMN owner uuid REFERENCES threads ON DELETE CASCADE;
UPDATE agent_coordination a SET owner = t.thread_id FROM threads t WHERE t.thread_id = a.session_id;
CREATE INDEX agent_coordination_owner ON agent_coordination (owner);

-- The path is fixed, because a plain INSERT may come from a connection with another one.
CREATE FUNCTION find_owner() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  NEW.owner := (SELECT thread_id FROM threads WHERE thread_id = NEW.session_id);
  RETURN NEW;
END $$;
CREATE TRIGGER find_owner BEFORE INSERT OR UPDATE OF session_id ON agent_coordination
  FOR EACH ROW WHEN (NEW.owner IS DISTINCT FROM NEW.session_id) EXECUTE FUNCTION find_owner();

CREATE FUNCTION adopt_session() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE agent_coordination SET owner = NEW.thread_id WHERE session_id = NEW.thread_id AND owner IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER adopt_session AFTER INSERT ON threads FOR EACH ROW EXECUTE FUNCTION adopt_session();
