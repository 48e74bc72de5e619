import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { messageOf, ToolError, UsageError } from "../domain/errors.ts";

/** What an agent asked for cannot be done in its workspace. The message is for the agent. */
export class WorkspaceError extends Error {
  override readonly name = "WorkspaceError";
}

/** A file or folder of the workspace: `path` leads to it however its folders are renamed meanwhile. */
interface Place {
  /** The open folder that it is in; must be closed. */
  readonly folder: FileHandle;
  /** For system calls; valid while `folder` is open. */
  readonly path: string;
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
/** What git, editors and agents run commands from, unasked; in a workspace that is a person's own project. */
const RUN_LATER: ReadonlySet<string> = new Set([
  ...[".git", ".gitconfig", ".husky", ".claude", ".mcp.json", ".vscode", ".idea"],
]);
/** Darwin's flag by which no part of a path may be a symbolic link. */
const O_NOFOLLOW_ANY = 0x20000000;

/**
 * The folder that a thread's agents share, and the only one whose files they may touch. It cannot be left: a path is
 * walked folder by folder, each opened inside the one before and never through a symbolic link, so that nothing which is
 * changed meanwhile leads out of it. What `hidden` names, absolute paths, does not exist for agents.
 */
export class Workspace {
  /** Absolute, without symbolic links; it exists. */
  readonly root: string;
  readonly #hidden: readonly string[];

  private constructor(root: string, hidden: readonly string[]) {
    this.root = root;
    this.#hidden = hidden;
  }

  /**
   * @param hidden - absolute paths that do not exist for agents; those outside of the folder do not anyway.
   * @throws ToolError when the folder cannot be used or this platform has no way to keep agents inside.
   */
  static async open(folder: string, hidden: readonly string[] = []): Promise<Workspace> {
    if (process.platform !== "linux" && process.platform !== "darwin") {
      throw new ToolError(`Tools that work on files need Linux or macOS, not ${process.platform}.`);
    }
    try {
      const root = await realpath(folder);
      const real = await Promise.all(hidden.map((path) => realpath(path).catch(() => path)));
      // A workspace may itself be in a folder that is hidden elsewhere.
      const within = real.filter((path) => path === root || path.startsWith(root === sep ? sep : root + sep));
      return new Workspace(root, within);
    } catch (error) {
      throw new ToolError(`The workspace ${folder} cannot be used: ${messageOf(error)}.`);
    }
  }

  /**
   * The path from the root, `""` for the root itself.
   *
   * @param path - relative to the root, or absolute and inside of it.
   * @throws WorkspaceError for one that leads out, or to what is hidden.
   */
  relative(path: string): string {
    if (path.includes("\0")) throw new WorkspaceError("A path cannot hold a NUL character.");
    const target = resolve(this.root, path);
    const isInside = target === this.root || target.startsWith(this.root + sep) || this.root === sep;
    if (!isInside) {
      throw new WorkspaceError(`"${path}" is outside of the workspace: give a path relative to it.`);
    }
    if (this.isHidden(target)) throw new WorkspaceError(`"${path}" does not exist.`);
    return relative(this.root, target);
  }

  /** Whether an absolute path is hidden from agents. */
  isHidden(path: string): boolean {
    const wanted = path.toLowerCase(); // Some file systems do not tell the cases apart.
    return this.#hidden.some((one) => `${wanted}${sep}`.startsWith(`${one.toLowerCase()}${sep}`));
  }

  /** Opens a regular file to read. The caller closes it. @throws WorkspaceError */
  async openFile(path: string): Promise<FileHandle> {
    return this.#in(path, async (place) => {
      // Not to wait for a writer where it is a pipe.
      const file = await openAt(place, O_RDONLY | O_NONBLOCK);
      if ((await file.stat()).isFile()) return file;
      await file.close();
      throw new WorkspaceError(`"${path}" is not a regular file.`);
    });
  }

  /** Opens a folder to list; `pathOf` leads to what is in it. The caller closes it. @throws WorkspaceError */
  async openFolder(path: string): Promise<{ readonly handle: FileHandle; readonly path: string }> {
    const parts = partsOf(this.relative(path));
    try {
      const handle = await this.#walk(parts, false);
      return { handle, path: placeIn(handle, join(this.root, ...parts), ".").path };
    } catch (error) {
      throw explain(error, path);
    }
  }

  /**
   * Writes a file as a whole, with the folders that it needs: a reader sees the old one or the new one. A file that has
   * other names elsewhere is not changed under those.
   *
   * @throws WorkspaceError
   */
  async writeFile(path: string, content: string): Promise<void> {
    const parts = partsOf(this.relative(path));
    const kept = parts.find((part) => RUN_LATER.has(part.toLowerCase()));
    if (kept !== undefined) {
      throw new WorkspaceError(`"${kept}" cannot be written: it can hold commands that run later.`);
    }
    await this.#in(
      path,
      async (place) => {
        const before = await lstat(place.path).catch(() => undefined);
        if (before && !before.isFile()) throw new WorkspaceError(`"${path}" is not a regular file.`);
        const mode = before ? before.mode & 0o777 : 0o644;
        const draft = placeIn(place.folder, join(this.root, ...parts.slice(0, -1)), `.${randomUUID()}.part`);
        const file = await openAt(draft, O_WRONLY | O_CREAT | O_EXCL, mode);
        try {
          await file.writeFile(content);
          await rename(draft.path, place.path);
        } catch (error) {
          await rm(draft.path, { force: true });
          throw error;
        } finally {
          await file.close();
        }
      },
      true,
    );
  }

  /** Does something with what a path leads to, in its open folder. */
  async #in<T>(path: string, work: (place: Place) => Promise<T>, makesFolders = false): Promise<T> {
    const parts = partsOf(this.relative(path));
    const name = parts.pop();
    if (name === undefined) throw new WorkspaceError(`"${path}" is the workspace itself, not a file.`);
    try {
      const folder = await this.#walk(parts, makesFolders);
      try {
        return await work(placeIn(folder, join(this.root, ...parts), name));
      } finally {
        await folder.close();
      }
    } catch (error) {
      throw explain(error, path);
    }
  }

  /** Opens a folder, each part inside the one before. */
  async #walk(parts: readonly string[], makes: boolean): Promise<FileHandle> {
    let folder = await open(this.root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    let path = this.root;
    for (const part of parts) {
      const place = placeIn(folder, path, part);
      try {
        if (makes) await mkdir(place.path).catch(() => undefined); // Opening it says what is wrong.
        const next = await openAt(place, O_RDONLY | O_DIRECTORY);
        await folder.close();
        folder = next;
        path = join(path, part);
      } catch (error) {
        await folder.close();
        throw error;
      }
    }
    return folder;
  }
}

function partsOf(path: string): string[] {
  return path === "" ? [] : path.split(sep);
}

/** Linux names what is in an open folder by its descriptor; Darwin refuses any link on the way instead. */
function placeIn(folder: FileHandle, path: string, name: string): Place {
  return {
    folder,
    path: process.platform === "linux" ? `/proc/self/fd/${folder.fd}/${name}` : join(path, name),
  };
}

function openAt({ path }: Place, flags: number, mode?: number): Promise<FileHandle> {
  const noLinks = process.platform === "darwin" ? O_NOFOLLOW_ANY : O_NOFOLLOW;
  return open(path, flags | noLinks, mode);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ELOOP: "is a symbolic link, or leads through one: links are not followed",
  ENOTDIR: "is no folder, or leads through something that is none",
  EISDIR: "is a folder",
  EACCES: "cannot be accessed",
  EPERM: "cannot be accessed",
  ENAMETOOLONG: "has a name that is too long",
  ENXIO: "is not a regular file",
};

/** An error of the system without the paths in it, which are not the agent's. */
function explain(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || error instanceof UsageError) return error;
  const code = String(error.code);
  return new WorkspaceError(`"${path}" ${REASONS[code] ?? `cannot be used (${code})`}.`);
}
