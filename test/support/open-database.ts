// A process that opens the database and ends; its exit code says whether it could.
import { openDatabase } from "../../src/postgres/database.ts";

const [url = "", schema = ""] = process.argv.slice(2);
await (await openDatabase({ url, schema })).close();
