import type { Model } from "../domain/model.ts";
import type { Transport } from "./transport.ts";

/** A model's limits in tokens: of prompt and answer together, and of an answer. */
export interface Limits {
  readonly contextWindow: number;
  readonly maxOutput: number;
}

/** The limits of the models of one server: as the server says, else as the price table has them. Asks once for each model. */
export class ModelLimits {
  readonly #transport: Pick<Transport, "limitsOf">;
  readonly #known = new Map<string, Promise<Partial<Limits> | undefined>>();

  constructor(transport: Pick<Transport, "limitsOf">) {
    this.#transport = transport;
  }

  async of({ id, price }: Model): Promise<Limits> {
    const asked = this.#known.get(id) ?? this.#transport.limitsOf?.(id);
    if (!asked) return price;
    this.#known.set(id, asked);
    const { contextWindow = price.contextWindow, maxOutput = price.maxOutput } = (await asked) ?? {};
    return { contextWindow, maxOutput };
  }
}
