/** The usage of one call in tokens, as the API counts them; `input` excludes cache reads and cache writes. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  /** Web searches by the API's server tool. */
  readonly webSearches?: number;
  /** 1 when the API ran code for the model. */
  readonly codeRuns?: number;
  /** Whether it ran in the United States only, which costs more. */
  readonly isUsOnly?: boolean;
}

export const NO_USAGE: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
