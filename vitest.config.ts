import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "**/*.peers.test.ts"], // npm run test:peers
    testTimeout: 30_000,
    maxWorkers: 2,
  },
});
