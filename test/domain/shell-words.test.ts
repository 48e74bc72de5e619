import { describe, expect, it } from "vitest";
import { simpleCommands } from "../../src/domain/shell-words.ts";

describe("the simple commands of a shell command", () => {
  it.each([
    ["git status", [["git", "status"]]],
    [
      "git log | grep 'a b' && ls -la; pwd\n\ndate",
      [["git", "log"], ["grep", "a b"], ["ls", "-la"], ["pwd"], ["date"]],
    ],
    [`g"i"t 'sta'tus`, [["git", "status"]]],
    ["  npm test 2>&1 >/dev/null ;\n", [["npm", "test"]]],
    [`git commit -m "fix!: it's done"`, [["git", "commit", "-m", "fix!: it's done"]]],
    ["git add ''", [["git", "add", ""]]],
  ])("are read from %j", (command, words) => {
    expect(simpleCommands(command)).toEqual(words);
  });

  it.each([
    ["a substitution", "git $(rm x)"],
    ["backticks", "git `rm x`"],
    ["a variable, also in quotes", 'git "$X"'],
    ["backticks in quotes", 'git "`rm x`"'],
    ["a process substitution", "git <(rm x)"],
    ["a subshell", "(rm x)"],
    ["a group", "{ rm x; }"],
    ["a background job", "rm x & git status"],
    ["an assignment", "X=1 git status"],
    ["a redirection to a file", "git log > x"],
    ["a redirection behind a word", "git log2>/dev/null"],
    ["a redirection that only starts like a harmless one", "git log >/dev/nullx"],
    ["a here document", "git <<EOF\nrm x\nEOF"],
    ["an escape", "g\\it status"],
    ["an ANSI quote", "git $'\\x41'"],
    ["a wildcard", "git add *"],
    ["a brace expansion", "git add {a,b}"],
    ["a tilde", "git add ~/x"],
    ["a comment", "git status # x"],
    ["a negation", "! git status"],
    ["a keyword", "if git status; then rm x; fi"],
    ["a carriage return", "git status\r rm x"],
    ["a blank of another alphabet", "git\u00a0status"],
    ["an open quote", "git 'x"],
    ["what zsh expands", "git =rm"],
    ["an empty part", "git status ;; rm"],
    ["an open pipe", "git status |"],
    ["no command", " ; "],
    ["nothing", ""],
    ["a NUL", "git 'a\0b'"],
    ["a very long command", `git ${"a ".repeat(6000)}`],
  ])("are not certain with %s", (_, command) => {
    expect(simpleCommands(command)).toBeUndefined();
  });

  it("are found in time, whatever the command", () => {
    for (const text of [
      `${" ".repeat(9_999)}x`,
      "'".repeat(9_999),
      `${" ;".repeat(4_999)}x`,
      ">".repeat(9_999),
    ]) {
      simpleCommands(`a${text}`);
    }
  });
});
