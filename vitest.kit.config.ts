import { defineConfig } from "vitest/config";

/** The whole kit on what takes a while: our own backends, engines among them (`npm run kit`), and each planted fault (`npm run kit:faults`). */
export default defineConfig({
  test: {
    include: ["test/kit/**/*.kit.test.ts"],
    testTimeout: 180_000,
    fileParallelism: false,
  },
});
