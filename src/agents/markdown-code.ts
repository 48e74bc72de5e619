import { parser } from "@lezer/markdown";

// Text indented by four spaces is prose here, because people indent prompts. The parser skips links, emphasis and HTML:
// they hardly change what is code, and hostile text makes them slow.
const markdown = parser.configure({
  remove: [
    ...["IndentedCode", "HTMLBlock", "LinkReference"],
    ...["Emphasis", "Link", "Image", "LinkEnd", "Autolink", "HTMLTag", "Entity", "HardBreak"],
  ],
});
const CODE = new Set(["FencedCode", "InlineCode"]);

/**
 * Replaces everything that Markdown shows as code by spaces: fenced blocks, also in lists and quotes (an unclosed one
 * runs to the end), and code spans within a paragraph. Length and line breaks stay, so positions stay valid.
 */
export function blankOutCode(text: string): string {
  let blanked = "";
  let position = 0;
  markdown.parse(text).iterate({
    enter: ({ name, from, to }) => {
      if (!CODE.has(name)) return true;
      blanked += text.slice(position, from) + text.slice(from, to).replaceAll(/[^\n]/g, " ");
      position = to;
      return false;
    },
  });
  return blanked + text.slice(position);
}
