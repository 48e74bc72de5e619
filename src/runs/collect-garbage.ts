import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Has Node give back now what nobody refers to any more; Node offers that only to a context made after it was told to. */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
}
