import type { NewThreadBody } from "../../server/api-types.ts";

/** The body for the API from the start form. Leaves out empty fields, which then have their defaults. */
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
