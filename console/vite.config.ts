import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run dev` finds a running funcd. */
const api = process.env.FUNCD_API ?? "http://127.0.0.1:8081";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  build: {
    // Chromium 111, Firefox 114, Safari 16.4 and later.
    target: "baseline-widely-available",
    modulePreload: { polyfill: false },
    outDir: "dist.new",
    emptyOutDir: true,
    // Small files stay files: the content-security policy knows no inline ones but images.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
  server: {
    proxy: {
      "^/(v2|v3|v3\\.0|openapi\\.json)(/|$)": api,
      "/console/session": api,
    },
  },
});
