import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { parseAgentFile } from "../../../src/agents/parse.ts";
import { isHiddenByRule, whyForbidden } from "../../../src/tools/rules/judge-call.ts";
import type { RulePlace } from "../../../src/tools/rules/rule-kind.ts";
import { agentFile } from "../../support/agent-files.ts";

const PLACE: RulePlace = { root: "/work", home: "/home/me", placesOf: () => [] };

/** Judges a call of an agent whose file has these lines. */
function judge(lines: string, tool: string, input: object, place = PLACE): string | undefined {
  return whyForbidden(agentWith(lines), { tool, input }, place);
}

function agentWith(lines: string) {
  const parsed = parseAgentFile(agentFile("a", lines), "a.md");
  if (parsed.kind !== "agent") throw new Error("The file is no agent.");
  return parsed.agent;
}

describe("a rule of tools", () => {
  const bash = (command: string, lines = 'tools: "Bash(git:*)"\n') => judge(lines, "Bash", { command });

  it.each([
    "git status",
    "git log --oneline | git shortlog",
    "git add a.ts && git commit -m 'fix: it'",
    "git diff 2>/dev/null",
    "git --no-pager log",
  ])("allows %j to an agent with Bash(git:*)", (command) => {
    expect(bash(command)).toBeUndefined();
  });

  it.each([
    "rm x",
    "git status; rm x",
    "git status && rm x",
    "git status || rm x",
    "git status | sh",
    "git status & rm x",
    "git status\nrm x",
    "git status $(rm x)",
    "git status `rm x`",
    "git diff <(rm x)",
    "git log > .husky/pre-commit",
    "env X=1 git status",
    "X=1 git status",
    "GIT_PAGER=rm git log",
    "sudo git status",
    "timeout 5 git status",
    "nohup git status",
    "xargs git add",
    "/tmp/git status",
    "./git status",
    "gitx status",
    "GIT status",
    "git -c core.pager=rm log",
    "git -c alias.x='!rm y' x",
    "git --exec-path=/tmp status",
    "git --config-env=core.pager=X log",
    "git -C /tmp/evil status",
    "git --git-dir=evil status",
    "git config alias.x '!rm y'",
    "git submodule foreach rm",
    "git bisect run rm",
    "git difftool -x rm",
    "git rebase -x rm main",
    "git rebase --ex rm main",
    "git grep -Orm x",
    "git fetch --upload-pack=rm .",
    "git fetch --upl rm .",
    "git clone -c core.fsmonitor=rm . x",
    "git diff --output=.git/hooks/pre-commit",
    "git init --template=evil",
    "",
  ])("does not allow %j to it", (command) => {
    expect(bash(command)).toMatch(/"tools" allows Bash only by Bash\(git:\*\)/);
  });

  it("allows what several rules allow together, and the words that a rule names itself", () => {
    const both = 'tools: ["Bash(git:*)", "Bash(grep:*)"]\n';
    expect(bash("git log | grep x", both)).toBeUndefined();
    expect(bash("git log | wc", both)).toBeDefined();
    expect(bash("git config user.name", 'tools: "Bash(git config:*)"\n')).toBeUndefined();
    expect(bash("npm run test", 'tools: "Bash(npm run test)"\n')).toBeUndefined();
    expect(bash("npm run test:evil", 'tools: "Bash(npm run test)"\n')).toBeDefined();
    expect(bash("npm run testing", 'tools: "Bash(npm run test:*)"\n')).toBeDefined();
    expect(bash("git push origin main", 'tools: "Bash(git * main)"\n')).toBeUndefined();
    expect(bash("anything; $(at all)", 'tools: "Bash(git:*), Bash"\n')).toBeUndefined();
  });

  it.each([
    "find . -exec rm {} +",
    "find . -name x -exec rm x ';'",
    "find . -execdir rm x",
    "find . -ok rm x",
    "find . -fprintf .envrc x",
  ])("does not let find run others: %j", (command) => {
    expect(bash(command, 'tools: "Bash(find:*)"\n')).toBeDefined();
    expect(bash("find . -name x", 'tools: "Bash(find:*)"\n')).toBeUndefined();
  });

  it.each([
    ["src/a.ts", true],
    ["/work/src/deep/a.ts", true],
    ["src/../secret", false],
    ["src", false],
    ["SRC/a.ts", false],
    ["/etc/passwd", false],
    ["../work/src/a.ts", true],
    ["~/src/a.ts", false],
  ])("for paths judges the normalised one: %j", (path, isAllowed) => {
    const why = judge('tools: "Write(src/**), Edit(/src/**)"\n', "Write", { file_path: path });
    expect(why === undefined).toBe(isAllowed);
    expect(judge('tools: "Write(src/**)"\n', "Write", {})).toBeDefined();
  });

  it("knows Claude Code's forms of paths", () => {
    const reads = (rule: string, path: string) =>
      judge(`tools: "Read(${rule})"\n`, "Read", { file_path: path }) === undefined;
    expect(reads("//etc/**", "/etc/hosts")).toBe(true);
    expect(reads("~/notes/**", "/home/me/notes/a")).toBe(true);
    expect(reads("/docs", "docs/a.md")).toBe(true);
    expect(reads("/docs", "sub/docs/a.md")).toBe(false);
    expect(reads("docs", "sub/docs/a.md")).toBe(true);
    expect(reads("./docs/*.md", "docs/a.md")).toBe(true);
    expect(reads("*.md", "deep/down/a.md")).toBe(true);
    expect(reads("*.md", "a.mdx")).toBe(false);
  });

  it("lets a search read a folder only when all of it is allowed", () => {
    const grep = (input: object) =>
      judge('tools: "Grep(src/**), Glob(src/**)"\n', "Grep", { pattern: "x", ...input });
    expect(grep({ path: "src" })).toBeUndefined();
    expect(grep({ path: "src/deep" })).toBeUndefined();
    expect(grep({})).toBeDefined();
    expect(grep({ path: "src", glob: "../*" })).toBeDefined();
    expect(judge('tools: "Glob(src/**)"\n', "Glob", { pattern: "/etc/*", path: "src" })).toBeDefined();
  });

  it("follows links where the driver follows them", () => {
    const place = { ...PLACE, placesOf: (path: string) => [path.replace("/src/link", "/secret")] };
    const write = (path: string, lines: string) => judge(lines, "Write", { file_path: path }, place);
    expect(write("src/a", 'tools: "Write(src/**)"\n')).toBeUndefined();
    expect(write("src/link/a", 'tools: "Write(src/**)"\n')).toBeDefined();
    expect(write("src/link/a", 'disallowedTools: "Write(secret/**)"\n')).toBeDefined();
  });

  it("for hosts allows the host, and subdomains with a star", () => {
    const fetches = (rule: string, url: string) =>
      judge(`tools: "WebFetch(${rule})"\n`, "WebFetch", { url }) === undefined;
    expect(fetches("domain:example.com", "https://EXAMPLE.com/a")).toBe(true);
    expect(fetches("domain:example.com", "https://a.example.com/")).toBe(false);
    expect(fetches("domain:*.example.com", "https://a.example.com/")).toBe(true);
    expect(fetches("domain:example.com", "https://example.com@evil.org/")).toBe(false);
    expect(fetches("domain:example.com", "https://evil.org/example.com")).toBe(false);
    expect(fetches("domain:example.com", "no url")).toBe(false);
  });
});

describe("a rule of disallowedTools", () => {
  const denies = (rule: string, command: string) =>
    judge(`disallowedTools: "${rule}"\n`, "Bash", { command }) !== undefined;

  it.each([
    "rm x",
    "RM x",
    "/bin/rm x",
    "r'm' x",
    "git status && rm x",
    "ls | xargs rm",
    "sudo rm x",
    "env rm x",
    "find . -exec rm x ';'",
    "bash -c 'rm x'",
    "echo $(echo rm) x",
    "X=rm; $X y",
    "eval 'r''m x'",
    "rm x > log",
    "(rm x)",
    "cat <<EOF\nx\nEOF",
  ])("forbids %j with Bash(rm:*)", (command) => {
    expect(denies("Bash(rm:*)", command)).toBe(true);
    expect(denies("bash(RM:*)", command)).toBe(true);
  });

  it.each(["ls -la", "git status && npm test", "rmdir x", "./farm x", "cat a-rm-b"])(
    "lets %j be",
    (command) => {
      expect(denies("Bash(rm:*)", command)).toBe(false);
    },
  );

  it("names several words in their order, wherever they stand", () => {
    expect(denies("Bash(git push:*)", "git -C x push origin")).toBe(true);
    expect(denies("Bash(git push:*)", "git status; npm push")).toBe(false);
    expect(denies("Bash(git * --force)", "git push --force")).toBe(true);
    expect(denies("Bash(ls:*, rm:*)", "rm x")).toBe(true);
    expect(denies("Bash(*)", "ls")).toBe(true);
  });

  it.each(["Write(src/**)", "write(src/**)", "Edit(src)", "MultiEdit(/src/**)", "Write(SRC/**)"])(
    "about a path counts for every tool that writes: %s",
    (rule) => {
      const lines = `disallowedTools: "${rule}"\n`;
      for (const tool of ["Write", "Edit", "MultiEdit"]) {
        expect(judge(lines, tool, { file_path: "src/a" })).toMatch(
          /The rule \S+ of "disallowedTools" forbids/,
        );
        expect(judge(lines, tool, { file_path: "x/../src/a" })).toBeDefined();
        expect(judge(lines, tool, { file_path: "Src/a" })).toBeDefined();
        expect(judge(lines, tool, {})).toBeDefined();
        expect(judge(lines, tool, { file_path: "other/a" })).toBeUndefined();
      }
      expect(judge(lines, "NotebookEdit", { notebook_path: "src/a.ipynb" })).toBeDefined();
      expect(judge(lines, "Read", { file_path: "src/a" })).toBeUndefined();
    },
  );

  it("about reading a path counts for every use of the file, and searches do not see it", () => {
    const lines = 'disallowedTools: "Read(secret/**)"\n';
    for (const tool of ["Read", "Edit", "Write", "Grep"]) {
      expect(judge(lines, tool, { file_path: "secret/a" })).toBeDefined();
    }
    expect(judge(lines, "Grep", { pattern: "x" })).toBeUndefined();
    expect(isHiddenByRule(agentWith(lines), "/work/Secret/a", PLACE)).toBe(true);
    expect(isHiddenByRule(agentWith(lines), "/work/other", PLACE)).toBe(false);
    expect(isHiddenByRule(agentWith('disallowedTools: "Write(secret)"\n'), "/work/secret/a", PLACE)).toBe(
      false,
    );
  });

  it("about a host counts for its subdomains", () => {
    const lines = 'disallowedTools: "WebFetch(domain:example.com)"\n';
    expect(judge(lines, "WebFetch", { url: "https://a.example.com./" })).toBeDefined();
    expect(judge(lines, "WebFetch", { url: "https://example.org" })).toBeUndefined();
    expect(judge(lines, "WebFetch", { url: "no url" })).toBeDefined();
  });
});

describe("rules that cannot be judged", () => {
  it("are left out of tools, and never widened", () => {
    const agent = agentWith(
      'tools: ["Read", "Bash[git]", "Bash(git", "Own(x)", "Write(../x)", "WebFetch(x)"]\n',
    );
    expect(agent.tools).toEqual(["Read"]);
    expect(agent.warnings.join("\n")).toMatch(/left out of "tools".*Bash\[git\].*Own\(x\)/);
    const none = parseAgentFile(agentFile("a", "tools: Own(x)\n"), "a.md");
    expect(none).toMatchObject({ kind: "error", reason: expect.stringContaining("Own(x)") });
  });

  it("of disallowedTools take away the whole tool", () => {
    const agent = agentWith('disallowedTools: ["Bash[rm]", "Own(x)", "Write(!x)"]\n');
    expect(agent.disallowedTools).toEqual(["Bash", "Own", "Write"]);
    expect(agent.warnings.join("\n")).toMatch(/takes away all of Own, not only Own\(x\)/);
  });

  it("take no time to judge, however they are written", () => {
    const evil = `${"a*".repeat(200)}b`;
    expect(judge(`tools: "Bash(${evil})"\n`, "Bash", { command: "a".repeat(9_000) })).toBeDefined();
    const root = mkdtempSync(`${tmpdir()}/rules-`);
    judge(
      `disallowedTools: "Write(${evil})"\n`,
      "Write",
      { file_path: "a".repeat(4_000) },
      { ...PLACE, root },
    );
  });
});
