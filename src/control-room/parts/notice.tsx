import type { ReactNode } from "react";

/** A message in place. Screen readers announce an error immediately. */
export function Notice({ tone = "plain", children }: { tone?: "plain" | "error"; children: ReactNode }) {
  return (
    <p className={`notice notice-${tone}`} role={tone === "error" ? "alert" : undefined}>
      {children}
    </p>
  );
}
