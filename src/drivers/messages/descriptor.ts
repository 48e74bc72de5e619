import type { DriverDescriptor } from "../../attempts/driver.ts";
import { attemptTask } from "./attempt.ts";

/** Our own tool loop over the Messages API. */
export const messages: DriverDescriptor = {
  name: "messages",
  honours: ["executor", "ask", "maxTurns", "color", "mcpServers"],
  usesOurTools: true,
  open: () => attemptTask,
};
