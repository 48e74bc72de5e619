// Runs Claude Code in a sandbox without network: passes on connections to a port of the sandbox to the socket of the engine's
// model proxy, which is the only way out. Parameters: the port, the socket's path, the command. Ends with its command.
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";

const [port, path, command, ...parameters] = process.argv.slice(2);

const server = createServer((inside) => {
  const outside = connect(String(path));
  inside.pipe(outside).pipe(inside);
  inside.on("error", () => outside.destroy());
  outside.on("error", () => inside.destroy());
});
server.listen(Number(port), "127.0.0.1", () => {
  const child = spawn(String(command), parameters, { stdio: "inherit" });
  child.once("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(127);
  });
  child.once("exit", (code) => process.exit(code ?? 1));
});
