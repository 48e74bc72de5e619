import { z } from "zod";

const partSchema = z.looseObject({
  type: z.string(),
  text: z.string().nullish(),
  data: z.string().nullish(),
  mimeType: z.string().nullish(),
  uri: z.string().nullish(),
  name: z.string().nullish(),
  resource: z
    .looseObject({
      uri: z.string().nullish(),
      mimeType: z.string().nullish(),
      text: z.string().nullish(),
      blob: z.string().nullish(),
    })
    .nullish(),
});
type Part = z.infer<typeof partSchema>;

/** A server's answer to a call. Accepts unknown kinds of content too. */
export const resultSchema = z.looseObject({
  content: z.array(z.unknown()).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().nullish(),
});

/**
 * A call's result as text for the model. Texts stay as they are; other content (images, audio, binary resources, links)
 * becomes a description with its kind and size.
 */
export function describeContent({ content, structuredContent }: z.infer<typeof resultSchema>): string {
  const parts = content.map((part) => describePart(part)).filter((text) => text !== "");
  if (parts.length > 0) return parts.join("\n");
  return structuredContent === undefined ? "(nothing)" : JSON.stringify(structuredContent);
}

function describePart(value: unknown): string {
  const parsed = partSchema.safeParse(value);
  if (!parsed.success) return "[content of an unknown kind]";
  const part = parsed.data;
  switch (part.type) {
    case "text":
      return part.text ?? "";
    case "image":
    case "audio":
      return `[${part.type}${about(part.mimeType, part.data)}]`;
    case "resource":
      return describeResource(part.resource);
    case "resource_link":
      return `[link to ${part.name ?? "a resource"}: ${part.uri ?? "without an address"}]`;
    default:
      return `[${part.type}]`;
  }
}

function describeResource(resource: Part["resource"]): string {
  const { uri, text, blob, mimeType } = resource ?? {};
  const name = `resource ${uri ?? "without an address"}`;
  return text ? `[${name}]\n${text}` : `[${name}${about(mimeType, blob)}]`;
}

/** Kind and size of base64 data. */
function about(mimeType: string | null | undefined, data: string | null | undefined): string {
  const bytes = data ? Math.floor((data.length * 3) / 4) : 0;
  const size = bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KB`;
  return `, ${mimeType ?? "unknown type"}, ${size}`;
}
