import type { NewThreadBody } from "../../server/api-types.ts";

/** What the start form says, as the API takes it: what was left empty is left out, so that the defaults hold. */
export function runBody(form: FormData): NewThreadBody {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const number = (name: string) => (text(name) === "" ? undefined : Number(text(name)));
  const given = {
    budgetUsd: number("budgetUsd"),
    parallel: number("parallel"),
    executor: text("executor") || undefined,
    model: text("model") || undefined,
    autoApprove: form.has("autoApprove") ? ["plan"] : undefined,
  };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { graph: text("graph"), input: text("input"), options };
}
