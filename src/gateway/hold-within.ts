import type { Backend, LoadContext, PullContext } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import { isWider, type PrivacyClass } from "../contract/http/privacy-class.ts";

export interface HoldWithinOptions {
  readonly name: string;
  /** How far the backend reaches. */
  readonly privacy: () => PrivacyClass | Promise<PrivacyClass>;
  /** How far anything may. */
  readonly allow: PrivacyClass;
}

/**
 * The same backend, which is asked for nothing while it reaches further than is allowed: it is not initialised, probed, listed, pulled
 * from, loaded or shut down, whatever means it has. Its handlers the pipeline sees to.
 */
export function holdWithin(backend: Backend, options: HoldWithinOptions): Backend {
  if (options.allow === "remote") return backend;
  const { initialize, healthCheck, listModels, takesAnyModel, pull } = backend;
  const { remove, load, unload, shutdown } = backend;
  const exclusion = async () => excluded(options.name, await options.privacy(), options.allow);
  const admit = async () => {
    const beyond = await exclusion();
    if (beyond !== undefined) throw beyond;
  };

  function guard<Values extends unknown[], Result>(
    method: (...values: Values) => Promise<Result>,
  ): (...values: Values) => Promise<Result> {
    return async (...values) => {
      await admit();
      return method.apply(backend, values);
    };
  }

  return {
    get capabilities() {
      return backend.capabilities;
    },
    ...(initialize && { initialize: guard(initialize) }),
    ...(healthCheck && { healthCheck: guard(healthCheck) }),
    ...(listModels && { listModels: guard(listModels) }),
    ...(takesAnyModel && { takesAnyModel: takesAnyModel.bind(backend) }),
    ...(pull && {
      async *pull(model: string, context: PullContext) {
        await admit();
        return yield* pull.call(backend, model, context);
      },
    }),
    ...(remove && { remove: guard(remove) }),
    ...(load && {
      load: guard((model: string, context: LoadContext) => load.call(backend, model, context)),
    }),
    ...(unload && { unload: unload.bind(backend) }),
    ...(shutdown && {
      // What was never asked for anything has nothing to end.
      async shutdown() {
        if ((await exclusion()) === undefined) await shutdown.call(backend);
      },
    }),
  };
}

/** Why a backend is asked for nothing; undefined where it lies within the limit. */
export function excluded(
  name: string,
  privacy: PrivacyClass,
  limit: PrivacyClass,
): ModelyardError | undefined {
  if (!isWider(privacy, limit)) return undefined;
  return new ModelyardError(
    "privacy-violation",
    `${name} reaches ${privacy}, and no further than ${limit} is allowed: nothing was sent.`,
    {
      backend: name,
      details: { privacy: limit },
      remedy: `\`modelyard doctor --privacy\` shows how far each backend reaches; privacy.allow in the configuration decides how far any may.`,
    },
  );
}
