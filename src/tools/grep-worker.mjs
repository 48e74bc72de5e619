// Searches texts with a regular expression. It runs in a thread that can be killed, because an expression may take forever.
import { parentPort, workerData } from "node:worker_threads";

const MOST_LINES = 10_000;
const { pattern, flags, isMultiline } = workerData;
const expression = new RegExp(pattern, flags);

/**
 * The numbers, from 0, of the lines that match, each alone.
 *
 * @param {string} text
 * @returns {number[]}
 */
function matchingLines(text) {
  const numbered = [...text.split("\n").entries()];
  return numbered
    .filter(([, line]) => expression.test(line))
    .slice(0, MOST_LINES)
    .map(([number]) => number);
}

/**
 * The numbers, from 0, of the lines that matches span.
 *
 * @param {string} text
 * @returns {number[]}
 */
function linesOfMatches(text) {
  /** @type {Set<number>} */
  const found = new Set();
  let number = 0;
  let at = 0;
  for (const match of text.matchAll(expression)) {
    number += newLinesIn(text.slice(at, match.index));
    at = match.index;
    const last = number + newLinesIn(match[0]);
    for (let line = number; line <= last; line++) found.add(line);
    if (found.size >= MOST_LINES) break;
  }
  return [...found];
}

/** @param {string} text */
function newLinesIn(text) {
  return text.split("\n").length - 1;
}

parentPort?.on("message", (text) => {
  parentPort?.postMessage(isMultiline ? linesOfMatches(text) : matchingLines(text));
});
