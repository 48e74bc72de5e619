-- Which server ran a thread last: its id, which it keeps in its home folder. Null for a thread of a command line, and after a
-- person stopped the run. A server that starts again continues its own threads that are stopped, and no others.
ALTER TABLE threads ADD COLUMN run_by text;
