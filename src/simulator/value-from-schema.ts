import { textFromPattern } from "./text-from-pattern.ts";

type Schema = Readonly<Record<string, unknown>>;

/** The source of a value's texts. */
export interface ValueSource {
  /** A sentence for the text with this name. The same count gives the same sentence. */
  textFor(name: string, count: number): string;
}

/** Below this depth only required properties are filled in, so that a recursive schema ends. */
const FULL_DEPTH = 5;

/**
 * A value that satisfies a JSON schema: objects with all properties, lists with their minimum length, the first
 * alternative, texts from `source`.
 */
export function valueFromSchema(schema: Schema, source: ValueSource): unknown {
  return new ValueMaker(schema, source).make(schema, "answer", 0);
}

class ValueMaker {
  readonly #root: Schema;
  readonly #source: ValueSource;
  #texts = 0;

  constructor(root: Schema, source: ValueSource) {
    this.#root = root;
    this.#source = source;
  }

  make(given: unknown, name: string, depth: number): unknown {
    const schema = this.#resolve(asSchema(given), depth);
    if ("const" in schema) return schema["const"];
    if (Array.isArray(schema["enum"])) return schema["enum"][0];
    const choice = schema["anyOf"] ?? schema["oneOf"];
    if (Array.isArray(choice)) return this.make(this.#choose(choice, depth), name, depth + 1);
    switch (typeOf(schema)) {
      case "object":
        return this.#object(schema, depth);
      case "array":
        return this.#array(schema, name, depth);
      case "number":
      case "integer":
        return numberFor(schema);
      case "boolean":
        return true;
      case "null":
        return null;
      default:
        return this.#text(schema, name);
    }
  }

  /** Follows references and merges `allOf`. */
  #resolve(schema: Schema, depth: number): Schema {
    const { $ref: reference, allOf, ...rest } = schema;
    if (typeof reference === "string") return this.#resolve({ ...this.#find(reference), ...rest }, depth);
    if (!Array.isArray(allOf)) return schema;
    return allOf.map((part) => this.#resolve(asSchema(part), depth)).reduce(merge, rest);
  }

  #find(reference: string): Schema {
    const path = reference.replace(/^#\/?/, "").split("/").filter(Boolean);
    let found: unknown = this.#root;
    for (const part of path) found = asSchema(found)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
    return asSchema(found);
  }

  /** The first alternative. At great depth one that ends the recursion, if there is one. */
  #choose(alternatives: readonly unknown[], depth: number): unknown {
    const isSimple = (one: unknown) =>
      !["object", "array"].includes(typeOf(this.#resolve(asSchema(one), depth)));
    const notNull = alternatives.filter((one) => asSchema(one)["type"] !== "null");
    return depth < FULL_DEPTH
      ? (notNull[0] ?? alternatives[0])
      : (alternatives.find(isSimple) ?? alternatives[0]);
  }

  #object(schema: Schema, depth: number): unknown {
    const properties = Object.entries(asSchema(schema["properties"]));
    const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
    const wanted = properties.filter(([name]) => required.has(name) || depth < FULL_DEPTH);
    return Object.fromEntries(wanted.map(([name, property]) => [name, this.make(property, name, depth + 1)]));
  }

  #array(schema: Schema, name: string, depth: number): unknown[] {
    const prefix = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : [];
    const least = Math.max(numberIn(schema, "minItems") ?? 0, depth < FULL_DEPTH ? 2 : 0, prefix.length);
    const count = Math.min(least, numberIn(schema, "maxItems") ?? least);
    return Array.from({ length: count }, (_, index) =>
      this.make(prefix[index] ?? schema["items"] ?? {}, name, depth + 1),
    );
  }

  #text(schema: Schema, name: string): string {
    const format = typeof schema["format"] === "string" ? FORMATS[schema["format"]] : undefined;
    if (format !== undefined) return format;
    const { pattern } = schema;
    const matching = typeof pattern === "string" ? textFromPattern(pattern) : undefined;
    if (matching !== undefined) return matching;
    const text = this.#source.textFor(name, this.#texts++);
    const longest = numberIn(schema, "maxLength") ?? text.length;
    return text.slice(0, longest).padEnd(numberIn(schema, "minLength") ?? 0, ".");
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  date: "2026-01-01",
  time: "12:00:00Z",
  "date-time": "2026-01-01T12:00:00Z",
  duration: "PT1H",
  email: "agent@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function asSchema(value: unknown): Schema {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function merge(a: Schema, b: Schema): Schema {
  const required = [a["required"], b["required"]].flatMap((list) => (Array.isArray(list) ? list : []));
  const properties = { ...asSchema(a["properties"]), ...asSchema(b["properties"]) };
  return {
    ...a,
    ...b,
    ...(required.length > 0 && { required }),
    ...(Object.keys(properties).length > 0 && { properties }),
  };
}

function typeOf(schema: Schema): string {
  const { type } = schema;
  if (Array.isArray(type)) return String(type.find((one) => one !== "null") ?? "null");
  if (typeof type === "string") return type;
  if ("properties" in schema) return "object";
  return "items" in schema || "prefixItems" in schema ? "array" : "string";
}

function numberIn(schema: Schema, key: string): number | undefined {
  const value = schema[key];
  return typeof value === "number" ? value : undefined;
}

/** The minimum; for a range from 0 to 1 its middle. */
function numberFor(schema: Schema): number {
  const isWhole = typeOf(schema) === "integer";
  const step = numberIn(schema, "multipleOf") ?? (isWhole ? 1 : undefined);
  const above = numberIn(schema, "exclusiveMinimum");
  const below = numberIn(schema, "exclusiveMaximum");
  const least = numberIn(schema, "minimum") ?? (above === undefined ? undefined : above + (step ?? 1e-6));
  const most = numberIn(schema, "maximum") ?? (below === undefined ? undefined : below - (step ?? 1e-6));
  const value =
    least !== undefined && most !== undefined && !step
      ? (least + most) / 2
      : (least ?? Math.min(1, most ?? 1));
  return step ? Math.ceil(value / step) * step : value;
}
