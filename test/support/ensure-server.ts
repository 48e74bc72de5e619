// A process that wants the folder's server, says its address, and ends.
import { ensureServer } from "../../src/postgres/server/ensure-server.ts";

const [directory = "", idleStopSeconds = "60"] = process.argv.slice(2);
process.send?.((await ensureServer({ directory, idleStopSeconds: Number(idleStopSeconds) })).url);
process.disconnect?.();
