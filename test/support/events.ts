/** What a reader of server-sent events was told, newest last. */
export interface Told {
  readonly event: string;
  readonly id: string | undefined;
  /** The event's things; one that is not a list is a list of one. */
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

export interface Listener {
  readonly told: readonly Told[];
  /** Reads on until all that was told, as a whole, is what is waited for. */
  until(holds: (told: readonly Told[]) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Reads the events of a response as they come. */
export function listen(response: Response): Listener {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const told: Told[] = [];
  let rest = "";
  return {
    told,
    until: async (holds) => {
      while (!holds(told)) {
        const piece = await reader?.read();
        if (!piece || piece.done) throw new Error(`The stream ended: ${rest}`);
        const blocks = `${rest}${piece.value}`.split("\n\n");
        rest = blocks.pop() ?? "";
        told.push(...blocks.flatMap(parseBlock));
      }
    },
    close: async () => reader?.cancel(),
  };
}

/** A block that is only a comment tells nothing. */
function parseBlock(block: string): Told[] {
  const lines = new Map(block.split("\n").map((line) => [line.split(": ")[0], line.replace(/^\w*: /, "")]));
  const event = lines.get("event");
  if (event === undefined) return [];
  return [{ event, id: lines.get("id"), data: [JSON.parse(lines.get("data") ?? "[]")].flat() }];
}
