import { configDefaults, defineConfig } from "vitest/config";

/** Rooms whose tests leave nothing behind: their files share a worker, which spares a start and all imports for each of some two hundred. */
const sharing = "src/{backends,cli,contract,gateway,pipeline,plugins,weights}/**/*.test.ts";

// npm run test:peers, npm run kit
const exclude = [...configDefaults.exclude, "**/*.peers.test.ts", "**/*.kit.test.ts"];

export default defineConfig({
  // Examples import what a user's plugin imports.
  resolve: {
    alias: { "modelyard/backend": new URL("src/contract/index.ts", import.meta.url).pathname },
  },
  test: {
    testTimeout: 30_000,
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "rooms", include: [sharing], exclude, isolate: false } },
      {
        extends: true,
        test: {
          name: "whole",
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...exclude, sharing],
        },
      },
    ],
  },
});
