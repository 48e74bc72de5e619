/** A segment of a path as RFC 3986 writes it. */
const SEGMENT = /^(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-F]{2})*$/i;
/** Characters that need no escape: with one, the same path has two forms. */
const NEEDLESS = /%(?:2[DE]|3\d|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])/i;
const CONTROL = /\p{Cc}/u;

/**
 * The decoded segments of a path: `/threads/a%2Fb` has `threads` and `a/b`; after a slash at the end, an empty one.
 *
 * @returns undefined for a path that another program could read as another one: with empty, `.` or `..` segments,
 *   backslashes, control characters, needless or double escapes.
 */
export function segmentsOf(path: string): string[] | undefined {
  const [before, ...segments] = path.split("/");
  if (before !== "" || segments.length === 0) return undefined;
  const decoded = segments.map(decode);
  const isPlain = decoded.every((one, at) => one !== undefined && (one !== "" || at === decoded.length - 1));
  return isPlain ? decoded.map((one) => one ?? "") : undefined;
}

function decode(segment: string): string | undefined {
  if (!SEGMENT.test(segment) || NEEDLESS.test(segment)) return undefined;
  try {
    const decoded = decodeURIComponent(segment);
    const isOdd = CONTROL.test(decoded) || /%[0-9A-F]{2}/i.test(decoded) || hasDots(decoded);
    return isOdd ? undefined : decoded;
  } catch {
    return undefined; // The escapes are no UTF-8.
  }
}

function hasDots(decoded: string): boolean {
  return decoded.split(/[\\/]/).some((part) => part === "." || part === "..");
}

/** Whether a query has a control character besides tabs and line ends: Postgres takes no NUL in a text. */
export function hasControl(query: string): boolean {
  return /%(?:0[0-8BCEF]|1[0-9A-F]|7F)/i.test(query);
}
