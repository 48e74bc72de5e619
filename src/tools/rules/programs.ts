/** Programs that run what stands behind them. */
const WRAPPERS = new Set(
  "sudo doas env timeout nohup nice ionice setsid stdbuf time command builtin exec xargs watch strace chroot flock".split(
    " ",
  ),
);

/** Programs that run any command or script by their nature: a rule for one of them allows everything that it can do. */
const OPEN_ENDED = new Set([
  ...WRAPPERS,
  ..."sh bash zsh dash ksh fish eval source . trap ssh docker podman busybox parallel su script".split(" "),
  ..."node deno bun python python2 python3 perl ruby php lua awk gawk sed make npm npx pnpm yarn uv pip".split(
    " ",
  ),
  ..."vi vim nvim emacs less more man gdb cargo go mvn gradle".split(" "),
]);

/** Whether a rule for this program allows any command. */
export function isOpenEnded(program: string): boolean {
  return OPEN_ENDED.has(program.toLowerCase());
}

/** The git commands that run no program which their words name. */
const GIT = new Set(
  `add am apply blame branch cat-file checkout cherry cherry-pick clean clone commit describe diff diff-tree fetch
  for-each-ref format-patch grep init log ls-files ls-remote ls-tree merge merge-base mv name-rev pull push range-diff
  rebase reflog remote reset restore rev-list rev-parse revert rm shortlog show show-ref stash status switch tag
  version worktree`.split(/\s+/),
);
/** Of these commands, short options that name a program or a file to write. */
const GIT_SHORT: Readonly<Record<string, RegExp>> = {
  rebase: /^-[A-Za-z0-9]*x/i,
  grep: /^-[A-Za-z0-9]*O/,
  clone: /^-[A-Za-z0-9]*[cu]/,
  "ls-remote": /^-[A-Za-z0-9]*u/,
  "format-patch": /^-[A-Za-z0-9]*o/,
};

/** Options that name a program to run or a file to write. Programs accept the start of a long one too. */
const LONG: Readonly<Record<string, readonly string[]>> = {
  git: `exec exec-path upload-pack receive-pack config config-env ext-diff open-files-in-pager output output-directory
    template textconv`.split(/\s+/),
  tar: "to-command checkpoint-action use-compress-program rsh-command info-script new-volume-script rmt-command".split(
    " ",
  ),
  sort: ["compress-program", "output"],
  rg: ["pre", "hostname-bin"],
  fd: ["exec", "exec-batch"],
  rsync: ["rsh", "rsync-path"],
  zip: ["unzip-command"],
  curl: "config output remote-name dump-header cookie-jar trace trace-ascii stderr libcurl etag-save hsts alt-svc".split(
    " ",
  ),
  wget: "use-askpass output-document execute output-file append-output config save-cookies warc-file".split(
    " ",
  ),
};
const SHORT: Readonly<Record<string, RegExp>> = {
  find: /^-(exec|execdir|ok|okdir|fprint0?|fprintf|fls|delete)$/,
  tar: /^-?[A-Za-z0-9]*[IF]/i,
  sort: /^-[A-Za-z0-9]*o/,
  fd: /^-[A-Za-z0-9]*x/i,
  rsync: /^-[A-Za-z0-9]*e/,
  zip: /^-TT/,
  curl: /^-[A-Za-z0-9]*[oOKDc]/,
  wget: /^-[A-Za-z0-9]*[Oeoa]/,
};

/**
 * Whether words of a command name another program to run, or a file to write, that a rule for the program does not
 * mean: `git -c core.pager=…`, `find -exec`.
 *
 * @param meant - the rule's own words, which are allowed.
 */
export function runsOthers(words: readonly string[], meant: ReadonlySet<string>): boolean {
  const [program = "", ...rest] = words;
  const others = rest.filter((word) => !meant.has(word));
  if (WRAPPERS.has(program)) {
    const starts = rest.flatMap((word, index) =>
      Object.hasOwn(LONG, word) || Object.hasOwn(SHORT, word) ? [index] : [],
    );
    return starts.some((index) => runsOthers(rest.slice(index), meant));
  }
  if (program === "git" && isUnsafeGit(rest, meant)) return true;
  const long = Object.hasOwn(LONG, program) ? (LONG[program] ?? []) : [];
  const short = Object.hasOwn(SHORT, program) ? SHORT[program] : undefined;
  return others.some((word) => short?.test(word) === true || long.some((option) => isOption(word, option)));
}

function isOption(word: string, option: string): boolean {
  const name = /^--([^=]+)/.exec(word)?.[1];
  return name !== undefined && option.startsWith(name);
}

/** Options in front of the command may set any configuration, and so any program. */
function isUnsafeGit(words: readonly string[], meant: ReadonlySet<string>): boolean {
  const [command = "version", ...rest] = words[0] === "--no-pager" ? words.slice(1) : words;
  if (command === "--version") return false;
  if (!GIT.has(command) && !meant.has(command)) return true;
  const short = Object.hasOwn(GIT_SHORT, command) ? GIT_SHORT[command] : undefined;
  return rest.some((word) => !meant.has(word) && short?.test(word) === true);
}
