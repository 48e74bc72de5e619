const SHOWN_PLACES = 5;

/** Where an error was thrown, innermost first: the places in the project's own files, and none in its packages. */
export function placesIn(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? "").split("\n") : [];
  return lines
    .filter((line) => /^\s+at /.test(line) && !/node_modules|\(?node:/.test(line))
    .slice(0, SHOWN_PLACES);
}
