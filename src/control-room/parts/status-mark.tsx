import type { ReactNode } from "react";

/** Each status has its own shape, so that colour alone carries no meaning. */
const SHAPES: Readonly<Record<string, ReactNode>> = {
  pending: <circle cx="8" cy="8" r="4.5" strokeDasharray="2 2.2" />,
  queued: <circle cx="8" cy="8" r="4.5" strokeDasharray="2 2.2" />,
  running: <path d="M8 2.5a5.5 5.5 0 1 1-5.5 5.5" className="turning" />,
  waiting: <path d="M6 3.5v9M10 3.5v9" />,
  completed: <path d="M3.5 8.5l3 3 6-7" />,
  partial: <path d="M2.5 8h5M10 4.5v7M13.5 4.5v7" />,
  failed: <path d="M4 4l8 8M12 4l-8 8" />,
  blocked: <path d="M8 2.5a5.5 5.5 0 1 0 .01 0M4.2 4.2l7.6 7.6" />,
  cancelled: <path d="M3.5 8h9" />,
};

/** A status as a small coloured mark. Its name is visible with `hasWord`, otherwise only screen readers get it. */
export function StatusMark({ status, hasWord = false }: { status: string; hasWord?: boolean }) {
  return (
    <span className={`status status-${status}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {SHAPES[status] ?? SHAPES["pending"]}
      </svg>
      <span className={hasWord ? "" : "hidden-text"}>{status}</span>
    </span>
  );
}
