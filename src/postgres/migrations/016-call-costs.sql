-- What is known of a call's cost. `known_usd` is written while an answer arrives, by the process that reads it: the most that
-- the call can have cost by then, with a margin. A call that is cut off is charged this, or its reserved price where there is
-- none. `is_cost_known` is false where `cost_usd` is such an assumption: a call that was cut off, or an answer whose usage the
-- server did not send. A human who knows better settles it, which makes it true.
ALTER TABLE claude_calls ADD COLUMN known_usd numeric;
ALTER TABLE claude_calls ADD COLUMN is_cost_known boolean NOT NULL DEFAULT true;
UPDATE claude_calls SET is_cost_known = false WHERE status = 'unknown';
