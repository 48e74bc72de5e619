/** A package manager and its commands. */
export interface PackageManager {
  readonly name: string;
  /** Its lock files at the root of a project. */
  readonly lockFiles: readonly string[];
  /** Runs a script of package.json; arguments follow. */
  readonly script: (name: string) => string;
  /** Runs the program of this package; arguments follow. */
  readonly program: string;
  readonly add: string;
  readonly addForDevelopment: string;
}

const NPM: PackageManager = {
  name: "npm",
  lockFiles: ["package-lock.json", "npm-shrinkwrap.json"],
  script: (name) => `npm run ${name} --`,
  program: "npx decurion",
  add: "npm install",
  addForDevelopment: "npm install --save-dev",
};

const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    name: "pnpm",
    lockFiles: ["pnpm-lock.yaml"],
    script: (name) => `pnpm run ${name}`,
    program: "pnpm exec decurion",
    add: "pnpm add",
    addForDevelopment: "pnpm add --save-dev",
  },
  {
    name: "yarn",
    lockFiles: ["yarn.lock"],
    script: (name) => `yarn run ${name}`,
    program: "yarn decurion",
    add: "yarn add",
    addForDevelopment: "yarn add --dev",
  },
  {
    name: "bun",
    lockFiles: ["bun.lock", "bun.lockb"],
    script: (name) => `bun run ${name}`,
    program: "bunx decurion",
    add: "bun add",
    addForDevelopment: "bun add --dev",
  },
  NPM,
];

/** Finds the package manager of a project by its lock file. @param hasFile - whether the project's root has this file. */
export function packageManagerByLockFile(hasFile: (name: string) => boolean): PackageManager | undefined {
  return PACKAGE_MANAGERS.find(({ lockFiles }) => lockFiles.some(hasFile));
}

/** The package manager that started this process; default npm. @param userAgent - `pnpm/9.1.0 npm/? node/v20.19.0 …`. */
export function packageManagerByUserAgent(userAgent: string | undefined): PackageManager {
  const name = userAgent?.split("/")[0];
  return PACKAGE_MANAGERS.find((known) => known.name === name) ?? NPM;
}
