import type { FastifyInstance } from "fastify";
import type { Gateway } from "../../gateway/api.ts";
import { refuseHeld } from "../keys/refuse-held.ts";
import { count, createCallCounts, type CallCounts } from "./count-calls.ts";

/** What has happened since the server began. */
export interface Counts {
  readonly calls: CallCounts;
  /** Backend → state that it came into → how often. */
  readonly healthChanges: Map<string, Map<string, number>>;
  readonly circuitChanges: Map<string, Map<string, number>>;
}

/** `/metrics` in Prometheus's text. Counting begins at once and costs next to nothing; what formats is loaded when it is first asked for. */
export function registerMetrics(app: FastifyInstance, gateway: Gateway): void {
  let configured: ReadonlySet<string> = new Set();
  const takeNames = () => {
    // A gateway that can't be opened tells so to whoever calls.
    gateway.configuration().then(
      ({ aliases = [] }) => (configured = new Set(aliases)),
      () => {},
    );
  };
  takeNames();
  const counts: Counts = {
    calls: createCallCounts((name) => configured.has(name)),
    healthChanges: new Map(),
    circuitChanges: new Map(),
  };
  const silences = [
    gateway.on("call", counts.calls.add),
    gateway.on("configuration", takeNames),
    gateway.on("health", ({ backend, model, status }) => {
      if (model === undefined) count(counts.healthChanges, backend, status);
    }),
    gateway.on("circuit", ({ backend, state }) => count(counts.circuitChanges, backend, state)),
  ];
  app.addHook("onClose", async () => {
    for (const silence of silences) silence();
  });

  let exposition: Promise<() => Promise<string>> | undefined;
  app.get("/metrics", async (request, reply) => {
    refuseHeld(request.access?.caller, "see what all calls come to");
    exposition ??= import("./exposition.ts").then(({ createExposition }) => {
      return createExposition(counts, () => gateway.backends({ known: true }));
    });
    const text = await (await exposition)();
    return reply.type("text/plain; version=0.0.4; charset=utf-8").send(text);
  });
}
