import { isModelyardError } from "../../contract/errors.ts";
import { silentLog } from "../../contract/silent-log.ts";
import type { BackendEntry, ModelEntry } from "../../gateway/api.ts";
import { listSome } from "../list-some.ts";
import { openServer } from "./open-server.ts";
import { examineDefaults } from "./examine-defaults.ts";
import type { Examination, Finding } from "./examine.ts";

/** How each configured backend is, which models are here already, and where the defaults lead. What was found running is a finding of its own. */
export const examineBackends: Examination = async (services, source) => {
  const gateway = services.deferredGateway({ ...source, log: silentLog });
  try {
    const answerer = (await openServer(services, source)) ?? gateway;
    const [backends, models, { defaults }] = await Promise.all([
      answerer.backends({ health: true }),
      answerer.models(),
      services.checkConfiguration(source),
    ]);
    const configured = backends.filter(({ discovered }) => discovered !== true);
    const names = new Set(configured.map(({ name }) => name));
    return [
      ...configured.map(findingOf),
      modelsFinding(models.filter(({ backend }) => names.has(backend))),
      ...examineDefaults(defaults, models),
    ];
  } catch (error) {
    // The configuration's own finding tells of it.
    if (isModelyardError(error) && error.code === "invalid-config") return [];
    throw error;
  } finally {
    await gateway.close({ drainMs: 0 });
  }
};

function findingOf({ name, type, url, health, state, reason }: BackendEntry): Finding {
  const broken = state === "failed" || health === "unhealthy";
  const out = `"enabled": false in backends.${name} leaves it out.`;
  const check =
    url === undefined
      ? `See to it (${type})`
      : `Check that it runs at ${url}, and that backends.${name} says how it is reached (address, key)`;
  // A reason says itself what to do: a second advice might contradict it.
  const remedy = reason === undefined ? `${check}; ${out}` : `It is ${url ?? type}; ${out}`;
  return {
    what: `Backend ${name}`,
    status: broken ? "broken" : health === "degraded" ? "note" : "good",
    message: reason ?? (health === "unknown" ? state : health),
    ...((broken || health === "degraded") && { remedy }),
  };
}

function modelsFinding(models: readonly ModelEntry[]): Finding {
  const here = models.filter(({ installed, targets }) => installed && targets === undefined);
  return {
    what: "Models",
    status: "good",
    message:
      here.length === 0
        ? "none is here yet; the first need fetches the default one"
        : `${listSome(here.map(({ name }) => name))} (of ${models.length} known)`,
  };
}
