import type { Answerer } from "../../src/core/request-kinds.ts";

/** Who answers requests in tests. */
export const ANA: Answerer = { by: "ana@desk", via: "cli" };
export const BEN: Answerer = { by: "ben", via: "sdk" };
