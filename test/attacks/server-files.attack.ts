import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { locationFor, programsFor } from "../../src/postgres/server/location.ts";
import { makeOwnFolder, makePrivateFolder } from "../../src/private-folder.ts";
import { makeHome } from "../../src/runs/home-folder.ts";
import { readToken, TOKEN_FILE } from "../../src/server/token.ts";
import { useCli } from "../support/cli.ts";
import { type Studio, startStudio } from "../support/studio.ts";

const isRoot = process.getuid?.() === 0;
const ANOTHER = 65_534;
/** Root's own Postgres runs as another user, which passes through the home folder. */
const HOME_MODE = isRoot ? 0o711 : 0o700;
const modeOf = async (path: string) => (await stat(path)).mode & 0o7777;

async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "decurion-files-"));
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a path another user's, which only root can. An ordinary user's attacker leaves a link, which is refused as well. */
async function giveAway(path: string): Promise<void> {
  if (isRoot) return chown(path, ANOTHER, ANOTHER);
  await rm(path, { recursive: true });
  await symlink("/", path);
}

describe("a server whose folders were open to other users", () => {
  const testCli = useCli();
  let studio: Studio;
  let home = "";
  beforeAll(async () => {
    home = join(testCli().folder, "home");
    await chmod(testCli().folder, 0o755);
    for (const name of [
      "",
      "studio",
      "studio/.langgraph_api",
      "workspaces",
      "tools",
      "graphs",
      "claude-code",
    ]) {
      await mkdir(join(home, name), { recursive: true });
      await chmod(join(home, name), 0o777);
    }
    studio = await startStudio(testCli());
    await chmod(join(home, TOKEN_FILE), 0o666);
    await chmod(join(home, "session-key"), 0o666);
    await studio.stop();
    studio = await startStudio(testCli());
    const headers = { "x-api-key": studio.token, "content-type": "application/json" };
    await fetch(`${studio.address}/threads`, { method: "POST", headers, body: "{}" });
  });
  afterAll(() => studio?.stop());

  it("closes them, and the files of the token, of sessions and of LangGraph", async () => {
    expect(await modeOf(home)).toBe(HOME_MODE);
    for (const name of ["studio", "studio/.langgraph_api", "workspaces", "tools", "graphs"]) {
      expect([name, await modeOf(join(home, name))]).toEqual([name, 0o700]);
    }
    for (const name of [TOKEN_FILE, "session-key", "server-id"]) {
      expect([name, await modeOf(join(home, name))]).toEqual([name, 0o600]);
    }
  });

  it("shows another user of the machine nothing", async () => {
    const list = join(home, "studio/.langgraph_api");
    await expect.poll(async () => (await readdir(list)).length).toBeGreaterThan(0);
    if (!isRoot) return; // Only root can become another user.
    for (const path of [home, list, join(home, TOKEN_FILE), join(home, "studio/langgraph.json")]) {
      const look = spawnSync("cat", [path], { uid: ANOTHER, gid: ANOTHER, cwd: "/", encoding: "utf8" });
      expect(look.stderr).toMatch(/Permission denied|Is a directory/);
      expect(look.stdout).toBe("");
    }
    for (const path of [home, list]) {
      const { status } = spawnSync("ls", [path], { uid: ANOTHER, gid: ANOTHER, cwd: "/" });
      expect(status).not.toBe(0);
    }
  });
});

describe("a home folder", () => {
  it("that another user has prepared is refused in one sentence", async () => {
    const home = join(await openFolder(), "home");
    await mkdir(home);
    await giveAway(home);
    await expect(makeHome(home)).rejects.toThrow(/^\S+ (belongs to user|is a folder for all|is a link).*\.$/);
    await expect(readToken(home)).rejects.toThrow();
  });

  it("with a file of another user is refused when others could write into it", async () => {
    if (!isRoot) return; // Only root can make a file another user's.
    const home = join(await openFolder(), "home");
    await mkdir(home);
    await chmod(home, 0o777);
    await writeFile(join(home, "studio"), "");
    await chown(join(home, "studio"), ANOTHER, ANOTHER);
    await expect(makeHome(home)).rejects.toThrow(/has studio of user 65534 in it/);
  });

  it("is not the folder for all users, whose mode stays as it is", async () => {
    const shared = await openFolder();
    await chmod(shared, 0o1777);
    await expect(makeHome(shared)).rejects.toThrow(/is a folder for all users/);
    expect(await modeOf(shared)).toBe(0o1777);
  });

  it("may be a link of its own user's, and keeps its other files as they are", async () => {
    const folder = await openFolder();
    await mkdir(join(folder, "elsewhere"));
    await writeFile(join(folder, "elsewhere", "notes"), "", { mode: 0o644 });
    await symlink(join(folder, "elsewhere"), join(folder, "home"));
    await makeHome(join(folder, "home"));
    expect(await modeOf(join(folder, "elsewhere"))).toBe(HOME_MODE);
    expect(await modeOf(join(folder, "elsewhere", "notes"))).toBe(0o644);
  });

  it("whose token is a link to another file is refused, and that file stays as it is", async () => {
    const folder = await openFolder();
    const home = join(folder, "home");
    await makeHome(home);
    await writeFile(join(folder, "victim"), "a".repeat(43), { mode: 0o644 });
    await symlink(join(folder, "victim"), join(home, TOKEN_FILE));
    await expect(readToken(home)).rejects.toThrow(/is a link or belongs to another user/);
    expect(await modeOf(join(folder, "victim"))).toBe(0o644);
  });
});

describe("root's place for Postgres in the temporary folder", () => {
  /** The folder that root would use for this home. */
  function placeOf(home: string): string {
    const place = join(tmpdir(), `decurion-${createHash("sha256").update(home).digest("hex").slice(0, 12)}`);
    onTestFinished(() => rm(place, { recursive: true, force: true }));
    return place;
  }

  it("is not used when another user has prepared it with a cluster", async () => {
    const home = join(await openFolder(), "home");
    const place = placeOf(home);
    await mkdir(join(place, "postgres", "data"), { recursive: true });
    for (const part of ["postgres/data", "postgres", ""])
      if (isRoot) await chown(join(place, part), ANOTHER, ANOTHER);
    const location = await locationFor(home);
    expect(location.folder).toBe(join(home, "postgres"));
    if (isRoot) await expect(makeOwnFolder(place)).rejects.toThrow(/was made by another user: .*\.$/);
  });

  it("is not used through a link, and nothing behind it changes", async () => {
    const folder = await openFolder();
    const place = placeOf(join(folder, "home"));
    await mkdir(join(folder, "victim", "postgres", "data"), { recursive: true });
    await symlink(join(folder, "victim"), place);
    expect((await locationFor(join(folder, "home"))).folder).toBe(join(folder, "home", "postgres"));
    await expect(makeOwnFolder(place)).rejects.toThrow(/was made by another user/);
    expect((await lstat(place)).isSymbolicLink()).toBe(true);
    expect(await modeOf(join(folder, "victim"))).toBe(0o755);
  });

  it("in a home folder lets its Postgres's user pass, but not look", async () => {
    const home = join(await openFolder(), "home");
    const { location } = await programsFor(home, await locationFor(home));
    if (!isRoot) return; // An ordinary user's Postgres runs as that user.
    expect(location.folder).toBe(join(home, "postgres"));
    expect(await modeOf(home)).toBe(0o711);
  });
});

it("a private folder keeps what its owner took from himself", async () => {
  const folder = join(await openFolder(), "mine");
  await mkdir(folder);
  await chmod(folder, 0o577);
  await makePrivateFolder(folder);
  expect(await modeOf(folder)).toBe(0o500);
});
