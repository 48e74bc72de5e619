import type { Answerer } from "../../src/domain/request.ts";

/** Who answers requests in tests. */
export const ANA: Answerer = { by: "ana@desk", via: "cli" };
export const BEN: Answerer = { by: "ben", via: "sdk" };
