import { fileURLToPath } from "node:url";

/** The folder of the package itself. */
export const PACKAGE_FOLDER = fileURLToPath(new URL("../../", import.meta.url));
