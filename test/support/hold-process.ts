// Starts what its first argument says to a shell as an agent's process, again and again if the second says how often,
// passes on what they print and holds them until killed. With "and die" it is killed by itself before they are told anything.
import { writeSync } from "node:fs";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import { startProcess } from "../../src/processes/start-process.ts";

const [script = "", how = "1"] = process.argv.slice(2);
const memory = new ProcessScope("thread/task", 800);
const { signal } = new AbortController();
for (let count = 0; count < (Number(how) || 1); count++) {
  const child = startProcess("sh", ["-c", script], { memory, signal });
  child.stdout.pipe(process.stdout);
  if (how !== "and die") continue;
  writeSync(1, `${child.pid}\n`);
  process.kill(process.pid, "SIGKILL");
}
setInterval(() => undefined, 1000);
