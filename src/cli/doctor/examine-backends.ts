import { isModelyardError } from "../../contract/errors.ts";
import type { Examination, Finding } from "./examine.ts";

const silence = { debug() {}, info() {}, warn() {}, error() {} };

/** How each configured backend is, and which models are here already. */
export const examineBackends: Examination = async (services, config) => {
  const gateway = services.deferredGateway({ config, log: silence });
  try {
    const [backends, models] = await Promise.all([
      gateway.backends({ health: true }),
      gateway.models(),
    ]);
    const installed = models.filter((model) => model.installed).map(({ name }) => name);
    return [
      ...backends.map(({ name, type, health, state, reason }): Finding => {
        const broken = state === "failed" || health === "unhealthy";
        return {
          what: `Backend ${name}`,
          status: broken ? "broken" : health === "degraded" ? "note" : "good",
          message: reason ?? (health === "unknown" ? state : health),
          ...(broken && {
            remedy: `See to it, or set backends.${name}.enabled to false (${type}).`,
          }),
        };
      }),
      {
        what: "Models",
        status: "good",
        message:
          installed.length === 0
            ? "none is here yet; the first need fetches the default one"
            : `${installed.join(", ")} (of ${models.length} known)`,
      },
    ];
  } catch (error) {
    // The configuration's own finding tells of it.
    if (isModelyardError(error) && error.code === "invalid-config") return [];
    throw error;
  } finally {
    await gateway.close({ drainMs: 0 });
  }
};
