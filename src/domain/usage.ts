/** What one call used, as the API counts it: tokens, of which `input` excludes what the prompt cache gave or took. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  /** Searches by the API's own tool. */
  readonly webSearches?: number;
  /** 1 when the API ran code of the model's. */
  readonly codeRuns?: number;
  /** Whether it ran in the United States only, which costs more. */
  readonly isUsOnly?: boolean;
}

export const NO_USAGE: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
