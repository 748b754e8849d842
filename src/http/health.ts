import type { FastifyInstance } from "fastify";
import { ModelyardError } from "../contract/errors.ts";
import type { Log } from "../contract/backend.ts";
import type { BackendEntry, Gateway } from "../gateway/api.ts";
import type { KeyRing } from "./keys/key-ring.ts";
import { toErrorBody } from "./to-error-body.ts";

export interface HealthOptions {
  readonly gateway: Gateway;
  readonly log: Log;
  readonly keys: Pick<KeyRing, "isEmpty">;
}

/** `/health`: the process runs, and is Modelyard. `/ready`: it can take calls; weights need not be loaded. */
export function registerHealth(app: FastifyInstance, { gateway, log, keys }: HealthOptions): void {
  app.get("/health", async () => ({ status: "ok", server: "modelyard" }));
  app.get("/ready", async (_request, reply) => {
    const backends = await gateway.backends({ known: true });
    const reasons = backends.map(({ name, ...entry }) => [name, whyNot(entry)] as const);
    if (reasons.some(([, reason]) => reason === undefined)) return { status: "ready" };
    const { status, body } = toErrorBody(
      new ModelyardError("backend-unavailable", "No backend can take calls.", {
        remedy: "`modelyard backends` tells more.",
      }),
      log,
    );
    // Nobody has proved who they are: where that counts, what the backends are called and suffer from is not for everybody.
    const told = keys.isEmpty ? { backends: Object.fromEntries(reasons) } : {};
    return reply.code(status).send({ ...body, ...told });
  });
}

/** Why a backend can take no call; undefined where it can, or nothing tells that it can't: one that was not started yet will be, by the first call. */
function whyNot({ state, health, reason }: Omit<BackendEntry, "name">): string | undefined {
  if (state === "stopping" || state === "stopped") return `It is ${state}.`;
  if (state !== "failed" && health !== "unhealthy") return undefined;
  return reason ?? `It is ${state === "failed" ? state : health}.`;
}
