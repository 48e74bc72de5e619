import type { DriverDescriptor } from "../../attempts/driver.ts";
import { attemptTask } from "./attempt.ts";

/** Our own tool loop over the Messages API. */
export const messages: DriverDescriptor = {
  name: "messages",
  label: "Messages API",
  honours: ["executor", "ask", "maxTurns", "color", "mcpServers"],
  usesOurTools: true,
  open: () => attemptTask,
  problemOf: ({ config }) =>
    config.apiKey === undefined
      ? "--executor messages needs ANTHROPIC_API_KEY; without a key use --executor simulated."
      : undefined,
};
