import { z } from "zod";
import type { ThreadPlace } from "../postgres/threads/list.ts";
import { ApiProblem } from "./api-problem.ts";

const placeSchema = z.tuple([z.iso.datetime({ offset: true }), z.uuid()]);

/** Where a page of threads ended, as a text that a client only hands back. */
export function encodePlace({ createdAt, id }: ThreadPlace): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString("base64url");
}

/** @throws ApiProblem when it is not one of ours. */
export function decodePlace(cursor: string): ThreadPlace {
  try {
    const text = Buffer.from(cursor, "base64url").toString("utf8");
    const [createdAt, id] = placeSchema.parse(JSON.parse(text));
    return { createdAt, id };
  } catch {
    throw new ApiProblem(400, "The cursor is not one that this server gave: leave it out to begin anew.");
  }
}
