import { describe, it } from "vitest";

/** An attack: what it tries, and what stops it. */
export interface Attack {
  readonly name: string;
  readonly tries: string;
  readonly stops: string;
}

declare module "vitest" {
  interface TaskMeta {
    attack?: Attack;
  }
}

/** One attack as a test: it passes when the attack is stopped. The run ends with a table of all. */
export function attack({ name, tries, stops }: Attack, isStopped: () => void | Promise<void>): void {
  describe(name, () => {
    it(`${tries} is stopped`, { meta: { attack: { name, tries, stops } } }, isStopped);
  });
}
