import type { Context } from "hono";
import type { z } from "zod";
import { ConnectionLostError, messageOf, ThreadBusyError, UsageError } from "../domain/errors.ts";
import type { ApiError } from "./api-types.ts";

/** An HTTP request that cannot be served. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: 400 | 404 | 409 | 503;

  constructor(status: ApiProblem["status"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** Answers every error with one sentence. Details of an internal error go only to `report`. */
export function answerError(error: unknown, context: Context, report: (sentence: string) => void): Response {
  const answer = (status: ApiProblem["status"] | 500, sentence: string) =>
    context.json({ error: sentence } satisfies ApiError, status);
  if (error instanceof ApiProblem) return answer(error.status, error.message);
  if (error instanceof ThreadBusyError) return answer(409, error.message);
  if (error instanceof UsageError) return answer(400, error.message);
  if (error instanceof ConnectionLostError) return answer(503, error.message);
  report(`The control room failed at ${context.req.method} ${context.req.path}: ${messageOf(error)}`);
  return answer(500, "The server has an internal error: its output has the details.");
}

/** @throws ApiProblem that names everything wrong in the body. */
export async function readBody<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  let body: unknown;
  try {
    body = JSON.parse((await context.req.text()) || "{}");
  } catch (error) {
    throw new ApiProblem(400, `The body is not valid JSON: ${messageOf(error)}.`);
  }
  return parseWith(schema, body);
}

/** @throws ApiProblem that names everything wrong in the query. */
export function readQuery<T>(context: Context, schema: z.ZodType<T>): T {
  return parseWith(schema, context.req.query());
}

function parseWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`,
  );
  throw new ApiProblem(400, `The request is invalid: ${wrong.join("; ")}.`);
}
