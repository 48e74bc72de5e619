import pg from "pg";
import { parse } from "postgres-array";

const BYTEA_ARRAY_OID = 1001;
const byteaArray = (text: string) => parse(text, (hex) => Buffer.from(hex.slice(2), "hex"));

/**
 * The parsers for column values. A checkpoint's channels are one bytea array, several MB for a plan of thousands of tasks.
 * The driver's own array parser creates an array entry for each of its characters.
 */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === BYTEA_ARRAY_OID && format !== "binary" ? byteaArray : pg.types.getTypeParser(oid, format),
};
