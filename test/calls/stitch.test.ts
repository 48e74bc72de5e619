import { describe, expect, it } from "vitest";
import { stitch } from "../../src/calls/stitch.ts";

const TEXT = "One goes on, and the sentence that was cut";

describe("a piece", () => {
  it("that goes on where the text ended is put behind it as it is", () => {
    expect(stitch(TEXT, " off goes on.")).toBe(`${TEXT} off goes on.`);
    expect(stitch("", "The beginning.")).toBe("The beginning.");
    expect(stitch("ends\n", "\n  indented")).toBe("ends\n\n  indented");
  });

  it("that repeats the end loses what it repeats, if that is the same and at least 20 characters long", () => {
    expect(stitch(TEXT, "the sentence that was cut off.")).toBe(`${TEXT} off.`);
    expect(stitch(`x${"ab ".repeat(30)}`, `${"ab ".repeat(10)}end`)).toBe(`x${"ab ".repeat(30)}end`);
  });

  it("that repeats less, or with a difference, is kept whole", () => {
    expect(stitch(TEXT, "that was cut off.")).toBe(`${TEXT}that was cut off.`);
    expect(stitch(TEXT, "The sentence that was cut off.")).toBe(`${TEXT}The sentence that was cut off.`);
  });

  it("that is the answer from its beginning replaces the text", () => {
    const all = Array.from({ length: 100 }, (_, at) => `word ${at} `).join("");
    expect(stitch(all.slice(0, 500), all)).toBe(all);
    const other = `${all.slice(0, 200)}and another end.`;
    expect(stitch(all.slice(0, 500), other)).toBe(other);
  });

  it("that opens the open code block again loses that line, once", () => {
    const open = "Look:\n\n```ts\nconst a = 1;\n";
    expect(stitch(open, "```ts\nconst b = 2;\n```\n")).toBe(`${open}const b = 2;\n\`\`\`\n`);
    expect(stitch(open, "\n```ts\n```ts\n")).toBe(`${open}\`\`\`ts\n`);
  });

  it("that closes the block, or opens another, keeps its line", () => {
    const open = "```ts\nconst a = 1;\n";
    expect(stitch(open, "```\nDone.")).toBe(`${open}\`\`\`\nDone.`);
    expect(stitch(open, "```py\n")).toBe(`${open}\`\`\`py\n`);
    const bare = "```\ntext\n";
    expect(stitch(bare, "```\n")).toBe(`${bare}\`\`\`\n`);
    const closed = "```ts\nconst a = 1;\n```\n";
    expect(stitch(closed, "```ts\nconst b = 2;")).toBe(`${closed}\`\`\`ts\nconst b = 2;`);
  });
});
