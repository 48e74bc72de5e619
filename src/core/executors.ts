/** Who makes an agent's attempts: our own loop over the Messages API, or Claude Code, a process an attempt. */
export const EXECUTORS = ["messages", "claude-code"] as const;
export type ExecutorName = (typeof EXECUTORS)[number];
