import { inject } from "vitest";
import { driverContract } from "./driver-contract.ts";

driverContract("claude-code", () => ({ CLAUDE_AGENT_SDK: inject("agentSdk") }));
