import { z } from "zod";
import type { ThreadCursor } from "../postgres/threads/list.ts";
import { ApiProblem } from "./api-problem.ts";

const cursorSchema = z.tuple([z.iso.datetime({ offset: true }), z.uuid()]);

/** An opaque text for the cursor of a page. */
export function encodeCursor({ createdAt, id }: ThreadCursor): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString("base64url");
}

/** @throws ApiProblem for a text that is no cursor. */
export function decodeCursor(cursor: string): ThreadCursor {
  try {
    const text = Buffer.from(cursor, "base64url").toString("utf8");
    const [createdAt, id] = cursorSchema.parse(JSON.parse(text));
    return { createdAt, id };
  } catch {
    throw new ApiProblem(400, "The cursor is invalid: leave it out to start with the first page.");
  }
}
