import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import type { Room, Sandbox } from "./sandbox.ts";

/** The system's own folders, of which a program needs to read all. */
const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"] as const;
/** What programs read of `/etc`: names, libraries and certificates. The rest may hold secrets. */
const ETC =
  `alternatives ca-certificates ca-certificates.conf crypto-policies debian_version fonts group host.conf hosts
  ld.so.cache ld.so.conf ld.so.conf.d locale.conf localtime mime.types nsswitch.conf os-release passwd pki/ca-trust pki/tls/certs
  pki/tls/cert.pem pki/java protocols resolv.conf services ssl/cert.pem ssl/certs ssl/openssl.cnf terminfo timezone`
    .split(/\s+/)
    .map((name) => `/etc/${name}`);
/** What agents may fill of each folder in memory. It counts in the memory of no process. */
const MEMORY_BYTES = { "/tmp": 256 * 2 ** 20, home: 256 * 2 ** 20, "/dev/shm": 64 * 2 ** 20 };
/** A hidden folder holds only the ways to what is shown inside of it. */
const HIDDEN_BYTES = 4096;
/** Files with tokens among the programs that a person installed at home. */
const CREDENTIALS = ["/.cargo/credentials", "/.cargo/credentials.toml", "/.gem/credentials"];

/**
 * Bubblewrap (https://github.com/containers/bubblewrap): a process in namespaces of its own, on a root folder with nothing but the
 * system's programs, what its room names, and empty folders in memory for its home and its temporary files. Other
 * processes, sockets and disks are out of sight, it has no capabilities and makes no namespaces. With the process that
 * makes it ends everything inside.
 *
 * @param program - its absolute path, because `PATH` may lead to what an agent wrote.
 */
export function bubblewrap(program: string): Sandbox {
  return {
    name: "bubblewrap",
    wrap: ({ command, parameters }, room) => ({
      command: program,
      parameters: [...isolation(room), ...mounts(room), "--chdir", room.folder, "--", command, ...parameters],
    }),
  };
}

function isolation({ network }: Room): string[] {
  return [
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...(network === "none" ? ["--unshare-net"] : []),
    ...["--die-with-parent", "--disable-userns", "--cap-drop", "ALL", "--hostname", "sandbox"],
  ];
}

interface Mount {
  readonly path: string;
  readonly options: readonly string[];
}

/** In the order of their depth, because a mount covers what was mounted inside of its folder before. */
function mounts(room: Room): string[] {
  const { reads, writes, keeps, environment } = room;
  const shown = [...common(environment), ...reads];
  const inside = (path: string) => writes.some((one) => isWithin(path, one));
  const list: Mount[] = [
    // What the system's administrator may write there, root inside may write as well.
    { path: "/proc", options: ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys"] },
    { path: "/dev", options: ["--dev", "/dev"] },
    inMemory("/dev/shm", MEMORY_BYTES["/dev/shm"]),
    inMemory("/tmp", MEMORY_BYTES["/tmp"]),
    ...(environment["HOME"]?.startsWith(sep) ? [inMemory(environment["HOME"], MEMORY_BYTES.home)] : []),
    ...shown.filter((path) => existsSync(path)).map(readable),
    ...writes.map(writable),
    ...pinned([...keeps, ...room.hides], writes),
    ...keeps.filter((path) => inside(path) && isItself(path)).map(readable),
    ...hidden(room, shown),
  ];
  const depth = ({ path }: Mount) => path.split(sep).length - (path === sep ? 1 : 0);
  const sorted = list.toSorted((one, other) => depth(one) - depth(other));
  return [...sorted.flatMap(({ options }) => options), "--remount-ro", "/dev", "--remount-ro", "/"];
}

function writable(path: string): Mount {
  return { path, options: ["--bind", path, path] };
}

/**
 * The folders on the way from a writable one to what is kept or hidden in it, each as a mount of its own: a mount cannot be
 * renamed, and what is inside of it cannot be moved to where it would be seen or changed.
 */
function pinned(paths: readonly string[], writes: readonly string[]): Mount[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const root = writes.find((one) => isWithin(path, one));
    if (root === undefined || !isItself(path)) continue;
    for (let above = dirname(path); above.length > root.length; above = dirname(above)) folders.add(above);
  }
  return [...folders].map(writable);
}

/** Whether a path exists and leads through no link: agents can make links, and what those lead to must not be shown. */
function isItself(path: string): boolean {
  try {
    return realpathSync(path) === path;
  } catch {
    return false;
  }
}

/** By `PATH` and `HOME`: what every process of a run sees, which does not change meanwhile. */
const commonPaths = new Map<string, readonly string[]>();

function common(environment: Room["environment"]): readonly string[] {
  const key = `${environment["PATH"]}\n${environment["HOME"]}`;
  const known =
    commonPaths.get(key) ?? [...SYSTEM, ...ETC, ...programs(environment)].filter((path) => existsSync(path));
  commonPaths.set(key, known);
  return known;
}

function inMemory(path: string, bytes: number): Mount {
  return { path, options: ["--size", String(bytes), "--tmpfs", path] };
}

/** A link among the system's folders stays one. */
function readable(path: string): Mount {
  const isLink = (SYSTEM as readonly string[]).includes(path) && lstatSync(path).isSymbolicLink();
  return { path, options: isLink ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path] };
}

/** Covers each path that would be seen. */
function hidden({ hides, writes, environment }: Room, shown: readonly string[]): Mount[] {
  const credentials = CREDENTIALS.map((path) => `${environment["HOME"]}${path}`);
  const visible = [...shown, ...writes];
  return [...hides, ...credentials].flatMap((path) => {
    if (!visible.some((one) => isWithin(path, one)) || !isItself(path)) return [];
    if (statSync(path).isDirectory()) return [inMemory(path, HIDDEN_BYTES)];
    return [{ path, options: ["--ro-bind", emptyFile(), path] }];
  });
}

let emptyPath = "";

/** An empty file that covers hidden ones: programs may fail at a device such as /dev/null. Somebody may tidy up folders of temporary files. */
function emptyFile(): string {
  if (existsSync(emptyPath)) return emptyPath;
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "decurion-empty-"));
  emptyPath = join(folder, "empty");
  writeFileSync(emptyPath, "", { mode: 0o444 });
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return emptyPath;
}

/** Folders at home that hold toolchains, and nothing secret but what CREDENTIALS names. */
const TOOLCHAINS =
  `.asdf .bun .cargo .deno .fnm .ghcup .juliaup .nodenv .npm-global .nvm .phpenv .pyenv .rbenv .rustup .rvm .sdkman
  .swiftly .volta`.split(/\s+/);

/** The folders of `PATH` outside of the system's, with the toolchains at home that they belong to, and this Node. */
function programs({ PATH = "", HOME = "" }: Readonly<Record<string, string>>): string[] {
  const node = realpathSync(process.execPath);
  const prefix = dirname(dirname(node));
  const found = PATH.split(":").flatMap((folder) => {
    if (!folder.startsWith(sep)) return [];
    if (HOME === "" || !isWithin(folder, HOME)) return [folder];
    const [top = ""] = folder.slice(HOME.length + 1).split(sep);
    if (!TOOLCHAINS.includes(top)) return folder === HOME ? [] : [folder];
    return [`${HOME}/${top}`, ...(top === ".cargo" ? [`${HOME}/.rustup`] : [])];
  });
  const isSystem = (path: string) => SYSTEM.some((one) => isWithin(path, one));
  const own = HOME !== "" && isWithin(prefix, HOME) ? [node, join(prefix, "lib", "node_modules")] : [prefix];
  return [...new Set([...own, ...found])].filter((path) => !isSystem(path) && path !== sep);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === sep ? sep : folder + sep);
}
