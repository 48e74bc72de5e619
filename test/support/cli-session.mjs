// One process in which command lines run, one after the other. Each is started by the launcher, as in a process of its own.
import { pathToFileURL } from "node:url";

const [launcher = ""] = process.argv.slice(2);
/** @type {[string, string][]} */
let said = [];
for (const name of /** @type {const} */ (["stdout", "stderr"])) {
  process[name].write = (text) => {
    said.push([name, String(text)]);
    return true;
  };
}

/** @param {string} name */
const allOf = (name) => said.flatMap(([stream, text]) => (stream === name ? [text] : [])).join("");

let count = 0;
process.on("message", async ({ args, folder, environment }) => {
  said = [];
  process.chdir(folder);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  process.argv.splice(1, Number.POSITIVE_INFINITY, launcher, ...args);
  process.exitCode = 0;
  await import(`${pathToFileURL(launcher).href}?${count++}`);
  process.send?.({ code: process.exitCode, signal: null, stdout: allOf("stdout"), stderr: allOf("stderr") });
  process.exitCode = 0;
});
process.on("disconnect", () => process.exit());
