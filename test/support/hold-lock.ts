// A process that takes a thread's lock, says so, and lives until it is killed.
import { openDatabase } from "../../src/postgres/database.ts";
import { openSessionLocks } from "../../src/postgres/session-locks.ts";

const [url = "", schema = "", threadId = ""] = process.argv.slice(2);
const locks = await openSessionLocks(await openDatabase({ url, schema }));
process.send?.(await locks.lockThread(threadId));
setInterval(() => undefined, 1000);
