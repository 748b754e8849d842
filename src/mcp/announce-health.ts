import type { Gateway, GatewayEvents } from "../gateway/api.ts";

type Health = GatewayEvents["health"][0];

/** What clients are told when the health of a backend or a model has changed: a log message, as MCP has them. */
export interface HealthNote {
  readonly level: "notice" | "warning";
  readonly logger: "health";
  readonly data: Health;
}

/** Calls `announce` for each change; gives what ends it. Clients of the 2025 era alone hear of it: one of the 2026 era gets what its calls ask for. */
export function announceHealth(gateway: Gateway, announce: (note: HealthNote) => void): () => void {
  let known = new Map<string, Health["status"]>();
  return gateway.on("health", (health) => {
    const { backend, model, status } = health;
    const place = JSON.stringify([backend, model]);
    const former = known.get(place) ?? "unknown";
    // What is well from the first is no news.
    const isNews = status !== former && (former !== "unknown" || status !== "healthy");
    if (known.size > mostKnown) known = new Map();
    known.set(place, status);
    if (!isNews) return;
    announce({
      level: status === "unhealthy" || status === "degraded" ? "warning" : "notice",
      logger: "health",
      data: health,
    });
  });
}

/** Who may name any model must not fill the memory. */
const mostKnown = 1_000;
