import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { isSameSecret, readToken, TOKEN_FILE } from "../../src/server/token.ts";

async function emptyHome(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "decurion-token-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "home");
}

it("a token is made once, for its owner's eyes only, and whoever starts at the same moment has the same", async () => {
  const home = await emptyHome();

  const tokens = await Promise.all(Array.from({ length: 20 }, () => readToken(home)));

  expect(new Set(tokens).size).toBe(1);
  expect(tokens[0]).toMatch(/^[\w-]{43}$/);
  expect((await readdir(home)).sort()).toEqual([".gitignore", TOKEN_FILE]);
  expect((await stat(join(home, TOKEN_FILE))).mode & 0o777).toBe(0o600);
  expect(await readToken(await emptyHome())).not.toBe(tokens[0]);
});

it("a file that others can read is closed to them; one without a token is refused, not used", async () => {
  const home = await emptyHome();
  const token = await readToken(home);
  await chmod(join(home, TOKEN_FILE), 0o644);
  expect(await readToken(home)).toBe(token);
  expect((await stat(join(home, TOKEN_FILE))).mode & 0o777).toBe(0o600);

  await writeFile(join(home, TOKEN_FILE), "\n");
  await expect(readToken(home)).rejects.toThrow(/holds no token/);
});

it("secrets of any length are compared, never thrown at", () => {
  expect(isSameSecret("a", "a")).toBe(true);
  expect(isSameSecret("", "a")).toBe(false);
  expect(isSameSecret("a".repeat(10_000), "a")).toBe(false);
});
