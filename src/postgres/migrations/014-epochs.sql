-- Who may write for a thread. `epoch` counts the processes that took the thread's lock: each raises it by one. A process that
-- lost the connection which holds the lock takes the lock again, and goes on only if the epoch is still its own.
-- `cancel_epoch` is the epoch whose run a human cancelled, written by whoever cancels: the process that runs the thread may
-- have missed the notification.
ALTER TABLE threads ADD COLUMN epoch bigint NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN cancel_epoch bigint;
