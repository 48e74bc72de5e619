import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";

/** Where Debian has it; another one is named by the environment. */
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

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
