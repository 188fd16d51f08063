import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` serves the pages and passes everything else to a gateway started by `make up`.
const gateway = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    // The gateway's content policy allows no data: fonts or scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    target: "es2022",
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/v1": gateway, "/healthz": gateway, "/readyz": gateway },
  },
});
