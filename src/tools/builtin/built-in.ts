import type { Tool } from "../tool.ts";
import { bashTool } from "./bash.ts";
import { editTool } from "./edit.ts";
import { globTool } from "./glob.ts";
import { grepTool } from "./grep.ts";
import { listTool } from "./list.ts";
import { readTool } from "./read.ts";
import { writeTool } from "./write.ts";

/** The tools that come with Decurion, in the order of the prompt. */
export const BUILT_IN: readonly Tool[] = [
  readTool,
  grepTool,
  globTool,
  listTool,
  writeTool,
  editTool,
  bashTool,
];

/** Reserved names, in lower case. */
export const BUILT_IN_NAMES: readonly string[] = [
  ...BUILT_IN.map(({ name }) => name.toLowerCase()),
  "read_result",
];
