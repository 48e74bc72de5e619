// Starts what its first argument says to a shell as an agent's process, passes on what it prints and waits. The second
// argument says how: so often, "again" when the first one has ended, "once" without waiting, or "and die": killed by itself as
// soon as the process runs, before it may become its command.
import { writeSync } from "node:fs";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import { startProcess } from "../../src/processes/start-process.ts";

const [script = "", how = "1"] = process.argv.slice(2);
const memory = new ProcessScope("thread/task", 800);
const { signal } = new AbortController();

function start() {
  const child = startProcess("sh", ["-c", script], { memory, signal });
  child.stdout.pipe(process.stdout, { end: false });
  return child;
}

for (let count = 0; count < (Number(how) || 1); count++) {
  const child = start();
  if (how === "again") child.once("exit", start);
  if (how !== "and die") continue;
  child.once("spawn", () => {
    writeSync(1, `${child.pid}\n`);
    process.kill(process.pid, "SIGKILL");
  });
}
if (how !== "once") setInterval(() => undefined, 1000);
