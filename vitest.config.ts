import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  // Examples import what a user's plugin imports.
  resolve: {
    alias: { "modelyard/backend": new URL("src/contract/index.ts", import.meta.url).pathname },
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // npm run test:peers, npm run kit
    exclude: [...configDefaults.exclude, "**/*.peers.test.ts", "**/*.kit.test.ts"],
    testTimeout: 30_000,
    maxWorkers: 2,
  },
});
