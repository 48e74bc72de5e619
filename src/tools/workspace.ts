import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { messageOf, ToolError, UsageError } from "../domain/errors.ts";
import { partThatRunsLater } from "./runs-later.ts";

/** An agent's request that its workspace does not allow. The message is for the agent. */
export class WorkspaceError extends Error {
  override readonly name = "WorkspaceError";
}

/** A file or folder of the workspace. `path` leads to it even when its folders are renamed meanwhile. */
interface Place {
  /** The open folder around it. The caller closes it. */
  readonly folder: FileHandle;
  /** For system calls; valid while `folder` is open. */
  readonly path: string;
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
/** Darwin's flag that refuses symbolic links in any part of a path. */
const O_NOFOLLOW_ANY = 0x20000000;

/**
 * The folder that a thread's agents share, and the only one whose files they may touch. No path leads out of it: each
 * folder of a path is opened inside the one before and never through a symbolic link, so that changes meanwhile do not
 * matter. The absolute paths in `hidden` do not exist for agents.
 */
export class Workspace {
  /** An existing folder: absolute, without symbolic links. */
  readonly root: string;
  /** Whether a person chose the folder: then it may hold what runs there later. */
  readonly isPersons: boolean;
  readonly #hidden: readonly string[];
  readonly #hides: (path: string) => boolean;

  private constructor(
    root: string,
    hidden: readonly string[],
    isPersons: boolean,
    hides: (path: string) => boolean = () => false,
  ) {
    this.root = root;
    this.isPersons = isPersons;
    this.#hidden = hidden;
    this.#hides = hides;
  }

  /** The same folder for an agent that must not see more of its absolute paths. */
  without(hides: (path: string) => boolean): Workspace {
    return new Workspace(this.root, this.#hidden, this.isPersons, (path) => this.#hides(path) || hides(path));
  }

  /**
   * @param hidden - absolute paths that do not exist for agents.
   * @param isPersons - false for a thread's own folder.
   * @throws ToolError when the folder is not usable or this platform cannot keep agents inside.
   */
  static async open(folder: string, hidden: readonly string[] = [], isPersons = true): Promise<Workspace> {
    if (process.platform !== "linux" && process.platform !== "darwin") {
      throw new ToolError(`Tools for files need Linux or macOS, not ${process.platform}.`);
    }
    try {
      const root = await realpath(folder);
      const real = await Promise.all(hidden.map((path) => realpath(path).catch(() => path)));
      // A workspace may itself be inside a hidden folder.
      const within = real.filter((path) => path === root || path.startsWith(root === sep ? sep : root + sep));
      return new Workspace(root, within, isPersons);
    } catch (error) {
      throw new ToolError(`The workspace ${folder} cannot be used: ${messageOf(error)}.`);
    }
  }

  /**
   * The path relative to the root, `""` for the root itself.
   *
   * @param path - relative to the root, or absolute and inside it.
   * @throws WorkspaceError for a path that leads out, or to something hidden.
   */
  relative(path: string): string {
    if (path.includes("\0")) throw new WorkspaceError("A path cannot hold a NUL character.");
    const target = resolve(this.root, path);
    const isInside = target === this.root || target.startsWith(this.root + sep) || this.root === sep;
    if (!isInside) {
      throw new WorkspaceError(`"${path}" is outside the workspace: give a path relative to it.`);
    }
    if (this.isHidden(target)) throw new WorkspaceError(`"${path}" does not exist.`);
    return relative(this.root, target);
  }

  /** Whether an absolute path is hidden from agents. */
  isHidden(path: string): boolean {
    const wanted = path.toLowerCase(); // Some file systems ignore case.
    if (this.#hidden.some((one) => `${wanted}${sep}`.startsWith(`${one.toLowerCase()}${sep}`))) return true;
    return this.#hides(path);
  }

  /** Opens a regular file for reading. The caller closes it. @throws WorkspaceError */
  async openFile(path: string): Promise<FileHandle> {
    return this.#in(path, async (place) => {
      // Does not wait for a writer when it is a pipe.
      const file = await openAt(place, O_RDONLY | O_NONBLOCK);
      if ((await file.stat()).isFile()) return file;
      await file.close();
      throw new WorkspaceError(`"${path}" is not a regular file.`);
    });
  }

  /** Opens a folder; `path` leads to its entries. The caller closes it. @throws WorkspaceError */
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
   * Writes a whole file, and makes the folders that it needs. A reader sees the old file or the new one. Hard links to
   * the old file keep it.
   *
   * @throws WorkspaceError
   */
  async writeFile(path: string, content: string): Promise<void> {
    const parts = partsOf(this.relative(path));
    const kept = partThatRunsLater(parts.join(sep));
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

  /** Does `work` with the last part of a path, in its open folder. */
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
        if (makes) await mkdir(place.path).catch(() => undefined); // Opening it reports what is wrong.
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

/** Linux addresses an open folder by its descriptor; Darwin refuses all links on the way instead. */
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
  ENOTDIR: "is not a folder, or leads through something that is not a folder",
  EISDIR: "is a folder",
  EACCES: "cannot be accessed",
  EPERM: "cannot be accessed",
  ENAMETOOLONG: "has a name that is too long",
  ENXIO: "is not a regular file",
};

/** A system error with the agent's path instead of the real one. */
function explain(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || error instanceof UsageError) return error;
  const code = String(error.code);
  return new WorkspaceError(`"${path}" ${REASONS[code] ?? `cannot be used (${code})`}.`);
}
