import pg from "pg";
import { parse } from "postgres-array";

const BYTEA_ARRAY_OID = 1001;
const byteaArray = (text: string) => parse(text, (hex) => Buffer.from(hex.slice(2), "hex"));

/**
 * How values are read. A checkpoint's channels come as one array of bytes of all of them, several MB for a plan of
 * thousands of tasks; the parser that comes with the driver takes an array entry for each of its characters.
 */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === BYTEA_ARRAY_OID && format !== "binary" ? byteaArray : pg.types.getTypeParser(oid, format),
};
