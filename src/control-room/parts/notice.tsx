import type { ReactNode } from "react";

/** Says in place what went wrong or what is not there; errors are read aloud at once. */
export function Notice({ tone = "plain", children }: { tone?: "plain" | "error"; children: ReactNode }) {
  return (
    <p className={`notice notice-${tone}`} role={tone === "error" ? "alert" : undefined}>
      {children}
    </p>
  );
}
