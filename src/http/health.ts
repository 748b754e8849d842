import type { FastifyInstance } from "fastify";
import { ModelyardError } from "../contract/errors.ts";
import type { Gateway } from "../gateway/api.ts";

/** `/health`: the process runs. `/ready`: it can take calls; weights need not be loaded. */
export function registerHealth(app: FastifyInstance, gateway: Gateway): void {
  app.get("/health", async () => ({ status: "ok" }));
  app.get("/ready", async () => {
    const backends = await gateway.backends();
    const usable = backends.filter(({ state }) => !unusable.has(state));
    if (usable.length > 0) return { status: "ready" };
    throw new ModelyardError("backend-unavailable", "No backend can take calls.", {
      remedy: "`modelyard backends` tells why.",
    });
  });
}

/** A backend that was not started yet will be, by the first call. */
const unusable: ReadonlySet<string> = new Set(["failed", "stopping", "stopped"]);
