import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Builds the control room's page (`npm run page`) to where the server serves it from; what it built is committed. */
export default defineConfig({
  root: "src/control-room",
  base: "/control/",
  plugins: [react()],
  build: {
    outDir: "../server/page",
    emptyOutDir: true,
    // The page's Content-Security-Policy allows files of its own origin and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.md" },
  },
});
