import type { Page } from "playwright-core";

/**
 * What a person with bad eyes, without a mouse or with a screen reader would stumble over on a page: controls without a
 * name, ids that occur twice, text without enough contrast (WCAG AA: 4.5, or 3 for large text), a page that has to be
 * pushed sideways. One line each.
 */
export function stumblingBlocks(page: Page): Promise<string[]> {
  return page.evaluate(CHECK) as Promise<string[]>;
}

/** Runs in the browser, so it is text here: the types of the two worlds do not mix. */
const CHECK = `(() => {
  const found = [];
  const isSeen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const nameOf = (element) =>
    element.getAttribute("aria-label") || element.textContent.trim() || element.title ||
    [...(element.labels ?? [])].map((label) => label.textContent).join("");
  for (const control of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    if (isSeen(control) && !nameOf(control)) found.push("no name: " + control.outerHTML.slice(0, 120));
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) found.push("id twice: " + id);

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = (top, below) => top.slice(0, 3).map((part, i) => (part * top[3] + below[i] * (255 - top[3])) / 255);
  const groundOf = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(rgba(getComputedStyle(at).backgroundColor));
    return layers.reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === "" || seen.has(element) || !isSeen(element)) continue;
    seen.add(element);
    if (element.closest(":disabled, .hidden-text, noscript, .is-far, dialog:not([open]), svg")) continue;
    const style = getComputedStyle(element);
    const ground = groundOf(element);
    const text = over(rgba(style.color), ground);
    const [low, high] = [light(text), light(ground)].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (contrast < (isLarge ? 3 : 4.5)) found.push("contrast " + contrast.toFixed(2) + ": " + node.data.trim().slice(0, 60));
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push("wider than the screen by " + (scrollWidth - clientWidth));
  return found;
})()`;

/** Where the keyboard's focus is: what it is called, and whether one sees that it is there. */
export async function focused(page: Page): Promise<{ readonly name: string; readonly isVisible: boolean }> {
  return page.evaluate(`(() => {
    const at = document.activeElement;
    const style = getComputedStyle(at);
    const name = at.getAttribute("aria-label") || at.textContent.trim() || at.labels?.[0]?.textContent || "";
    const isVisible = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return { name: at === document.body ? "" : name.slice(0, 60), isVisible };
  })()`) as Promise<{ name: string; isVisible: boolean }>;
}
