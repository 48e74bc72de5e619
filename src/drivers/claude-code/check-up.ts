import type { DriverDescriptor } from "../../attempts/driver.ts";
import type { Finding } from "../../domain/finding.ts";
import { installedVersion, PACKAGE, TESTED_VERSION } from "./find-package.ts";

/** Looks for the optional package that this driver needs. */
export const checkUp: NonNullable<DriverDescriptor["checkUp"]> = async ({ config, folders }) =>
  judgeVersion(await installedVersion(config.agentSdk, [folders.project, folders.package]), TESTED_VERSION);

/** @param installed - the package's version, if it is there. */
export function judgeVersion(installed: string | undefined, tested: string): Finding {
  const topic = "Claude Code";
  if (installed === undefined) {
    return { topic, level: "fine", says: "not installed; only --executor claude-code needs it" };
  }
  if (installed === tested) return { topic, level: "fine", says: `${installed}, the tested version` };
  const fix = `if its agents fail: npm install --no-save ${PACKAGE}@${tested}`;
  return { topic, level: "doubtful", says: `${installed}, but ${tested} is tested`, fix };
}
