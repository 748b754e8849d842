import { defineConfig } from "vitest/config";

/** Tests that need real servers and real models: minutes, and some 250 MB the first time. `npm test` leaves them out. */
export default defineConfig({
  test: {
    include: ["src/**/*.peers.test.ts", "test/**/*.peers.test.ts"],
    globalSetup: ["test/peers/prepare.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
