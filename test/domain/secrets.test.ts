import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/domain/config.ts";
import {
  hiddenError,
  hiddenIn,
  hiding,
  keysAmong,
  passwordsIn,
  secretsOf,
} from "../../src/domain/secrets.ts";

const KEY = 'sk-ant-api03-"A/b+c&d=%\\Z9y8X7w6V5u4';

describe("a hidden secret", () => {
  const hide = hiding([KEY]);
  const url = encodeURIComponent(KEY);

  it.each([
    ["plain", KEY],
    ["in JSON", JSON.stringify({ key: KEY })],
    ["in a URL", `https://host/?key=${url}`],
    ["in a URL with small letters", url.replaceAll(/%../g, (code) => code.toLowerCase())],
    ["in base64", Buffer.from(KEY).toString("base64")],
    ["in base64 behind one character", Buffer.from(`:${KEY}`).toString("base64")],
    ["in base64 behind a user", `Basic ${Buffer.from(`user:${KEY}`).toString("base64")}`],
    ["in base64 for URLs", Buffer.from(`u:${KEY}`).toString("base64url")],
    ["in hexadecimal", Buffer.from(KEY).toString("hex")],
    ["cut at its end", `${KEY.slice(0, 20)}…`],
    ["cut at its beginning", `…${KEY.slice(-12)}`],
  ])("is not in the text, %s", (_, text) => {
    const shown = hide(`before ${text} after`);
    expect(shown).toMatch(/^before .*\*\*\*.* after$/);
    for (const form of [KEY, url]) {
      for (let at = 0; at + 8 <= form.length; at++) expect(shown).not.toContain(form.slice(at, at + 8));
    }
    const bytes = Buffer.from(shown.replaceAll(/[^\w+/-]/g, ""), "base64").toString("latin1");
    expect(bytes).not.toContain(KEY.slice(4, 16));
  });

  it("is a whole word where it is short, whatever it is made of", () => {
    const short = hiding(["the-key", "a/b.c", "(x)-y"]);
    expect(short("the-key, a/b.c and (x)-y, but not another-key")).toBe(
      "***, *** and ***, but not another-key",
    );
  });

  it("leaves every other text as it is", () => {
    expect(hide("Nothing of it: sk-ant, api03.")).toBe("Nothing of it: sk-ant, api03.");
    expect(hiding([])(KEY)).toBe(KEY);
    expect(hiding([undefined, "", "a", "abc"])("abc a")).toBe("abc a");
  });

  it("that is short is hidden as a whole word only", () => {
    expect(hiding(["hunter"])("hunter, hunters, user:hunter@host")).toBe("***, hunters, user:***@host");
  });

  it("of several lines is hidden line by line", () => {
    expect(hiding(["first-line-12345\nsecond-line-6789"])("Headers: first-line-12345 second-line-6789")).toBe(
      "Headers: *** ***",
    );
  });

  it("is hidden in every value and name of JSON, and in an error with what it carries", () => {
    expect(hiddenIn({ [KEY]: [1, null, { a: KEY }] }, hide)).toEqual({ "***": [1, null, { a: "***" }] });
    const error = Object.assign(new TypeError(`bad ${KEY}`), { code: "E", headers: KEY });
    const hidden = hiddenError(error, hide);
    expect(hidden).toMatchObject({ name: "TypeError", message: "bad ***", code: "E" });
    expect(JSON.stringify(Object.entries(hidden)) + hidden.stack).not.toContain(KEY);
    expect(hidden).not.toHaveProperty("headers");
  });

  it("is found quickly in a long text", () => {
    const text = "sk-an sk-ant- word ".repeat(100_000);
    expect(hide(text + KEY)).toBe(`${text}***`);
  });
});

describe("the secrets of the settings", () => {
  it("are the key, every password of an address, and what libraries read of the environment", () => {
    const config = parseConfig({
      ANTHROPIC_API_KEY: KEY,
      DATABASE_URL: "postgresql://u:p%2Fass@h/db?password=in%20query&sslmode=require",
      PGPASSWORD: "pg-word",
      ANTHROPIC_CUSTOM_HEADERS: "x-a: header-a\nx-b: header-b",
      HTTPS_PROXY: "http://u:proxy-word@p:1",
      MCP_VARIABLES: "TOKEN ROOT",
      TOKEN: "ghp_0123456789abcdef",
      ROOT: "/home",
    });
    expect(secretsOf(config)).toEqual([
      KEY,
      ...["p%2Fass", "p/ass", "in query", "in%20query"],
      ...["pg-word", "header-a", "header-b", "proxy-word", "ghp_0123456789abcdef"],
    ]);
  });

  it("of an address that is none are none", () => {
    expect(passwordsIn("no address")).toEqual([]);
    expect(passwordsIn("http://u:%E0%A4%A@h")).toEqual(["%E0%A4%A"]);
  });

  it("are keys when no text has them by chance", () => {
    expect(keysAmong([KEY, "postgres", "correct horse battery", undefined])).toEqual([KEY]);
  });
});
