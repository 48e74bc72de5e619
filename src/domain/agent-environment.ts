/** Variables that programs need and that hold no secret. Agents' processes have these of ours, and no others. */
const PASSED: ReadonlySet<string> = new Set(
  `PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TERM COLORTERM TMPDIR CI SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS
  HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy JAVA_HOME GOROOT GOPATH CARGO_HOME RUSTUP_HOME PYENV_ROOT NVM_DIR
  VIRTUAL_ENV XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME`.split(/\s+/),
);
const LOCALE = /^LC_[A-Z]+$/;

/** No process of an agent may have these: the key and the database are ours. */
export const OWN_SECRETS: ReadonlySet<string> = new Set([
  ...["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", "DATABASE_URL", "PGPASSWORD"],
]);

/**
 * The variables of agents' processes.
 *
 * @param more - the names that a person allows in addition.
 */
export function agentEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  more: readonly string[],
): Record<string, string> {
  const isPassed = (name: string) => PASSED.has(name) || LOCALE.test(name) || more.includes(name);
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && isPassed(name) && (more.includes(name) || !hasPassword(value))
        ? [[name, value]]
        : [],
    ),
  );
}

/** Whether a value is an address with a user or a password in it, as that of a proxy may be. */
function hasPassword(value: string): boolean {
  if (!value.includes("@") || !URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username !== "" || password !== "";
}
