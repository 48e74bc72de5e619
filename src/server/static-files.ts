import { readFile, realpath } from "node:fs/promises";
import { extname, join, sep } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".md": "text/plain; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const SEGMENT = /^[\w-][\w.-]*$/;

export interface StaticFile {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** A file of the folder by its path in a URL; undefined for hidden files and paths outside of the folder. */
export async function readStaticFile(folder: string, path: string): Promise<StaticFile | undefined> {
  const segments = path.split("/");
  const type = TYPES[extname(path)];
  if (type === undefined || !segments.every((segment) => SEGMENT.test(segment))) return undefined;
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, ...segments))]);
    if (!file.startsWith(root + sep)) return undefined;
    return { content: new Uint8Array(await readFile(file)), type };
  } catch {
    return undefined; // It does not exist, or is no file.
  }
}
