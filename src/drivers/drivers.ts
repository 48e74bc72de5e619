import type { DriverDescriptor } from "../attempts/driver.ts";
import { claudeCode } from "./claude-code/descriptor.ts";
import { messages } from "./messages/descriptor.ts";

/** The built-in drivers. A new one is its folder and one entry here. */
export const DRIVERS: readonly DriverDescriptor[] = [messages, claudeCode];
