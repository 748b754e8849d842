import { expect, it, vi } from "vitest";
import { ModelyardError } from "../contract/errors.ts";
import { createBackendHealth } from "./backend-health.ts";

it("is told with the remedy, and is no warning: the call that fails says it as well", async () => {
  const log = {
    debug: vi.fn<(message: string) => void>(),
    info: vi.fn<(message: string) => void>(),
    warn: vi.fn<(message: string) => void>(),
    error: vi.fn<(message: string) => void>(),
  };
  const changed = Promise.withResolvers<unknown>();
  const health = createBackendHealth({
    name: "far",
    backend: {
      healthCheck: () =>
        Promise.reject(new ModelyardError("backend-unavailable", "Gone.", { remedy: "Start it." })),
    },
    lifecycle: { failure: undefined },
    privacy: async () => "device",
    log,
    onChange: changed.resolve,
  });
  health.attend();
  expect(await changed.promise).toEqual({ status: "unhealthy", reason: "Gone. Start it." });
  health.stop();
  expect(log.info).toHaveBeenCalledWith("far is unhealthy: Gone. Start it.");
  expect(log.warn).not.toHaveBeenCalled();
});
