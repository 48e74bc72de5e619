import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { PACKAGE_FOLDER } from "../package-folder.ts";

/** Where Debian has it; another one is named by the environment. */
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

/** Where a picture of each page is kept as its test leaves it. */
const PICTURES = process.env["PICTURES"] ?? join(PACKAGE_FOLDER, "node_modules", ".cache", "pictures");

export interface TestPage {
  readonly page: Page;
  /** Errors of scripts, what the console was told of errors, and addresses of other servers that were asked. */
  readonly troubles: string[];
}

/** A real browser for this file's tests. Without one they fail: a page that nobody looked at is not tested. */
export function useBrowser(): (options?: BrowserContextOptions) => Promise<TestPage> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!existsSync(CHROMIUM)) {
      throw new Error(
        `There is no ${CHROMIUM}: install it (apt-get install chromium), then run this test again.`,
      );
    }
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  });
  afterAll(() => browser?.close());
  return async (options = {}) => {
    if (!browser) throw new Error("The browser is open only while tests run.");
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
    page.setDefaultTimeout(30_000);
    const name = (expect.getState().currentTestName ?? "page").replaceAll(/[^\w]+/g, "-").slice(0, 120);
    onTestFinished(async () => {
      await page.screenshot({ path: join(PICTURES, `${name}.png`) });
      await page.close();
    });
    return { page, troubles: watch(page) };
  };
}

function watch(page: Page): string[] {
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!/^(http:\/\/127\.0\.0\.1:|blob:|data:)/.test(request.url()))
      troubles.push(`asked: ${request.url()}`);
  });
  return troubles;
}
