-- What kinds of requests there are is known where their payloads and answers are: here a kind is its name.
ALTER TABLE requests DROP CONSTRAINT IF EXISTS requests_kind_check;
