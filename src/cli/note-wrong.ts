import type { GraphList } from "../runs/graph-list.ts";
import type { Cli } from "./cli.ts";

/** Names the entries of langgraph.json that cannot be used. The other graphs run. */
export function noteWrong({ note }: Cli, { wrong }: GraphList): void {
  for (const sentence of wrong.values()) note(sentence);
}
