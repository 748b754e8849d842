import type { Backend, Health, Log, PullContext } from "../contract/backend.ts";
import type { Secrets } from "../contract/http/secrets.ts";

/** The same backend, whose methods throw errors without its secrets in them, and whose reasons of health hold none. Its handlers' errors the pipeline sees to. */
export function redactErrors(backend: Backend, secrets: Secrets): Backend {
  const { initialize, healthCheck, listModels, takesAnyModel, pull } = backend;
  const { remove, load, unload, shutdown } = backend;

  /** It is the backend's own: a class's method finds its private fields nowhere else. */
  function guard<Values extends unknown[], Result>(
    method: (...values: Values) => Promise<Result>,
  ): (...values: Values) => Promise<Result> {
    return async (...values) => {
      try {
        return await method.apply(backend, values);
      } catch (error) {
        throw secrets.redactError(error);
      }
    };
  }

  return {
    get capabilities() {
      return backend.capabilities;
    },
    ...(initialize && { initialize: guard(initialize) }),
    ...(healthCheck && {
      healthCheck: guard(async (signal: AbortSignal) =>
        withoutSecrets(await healthCheck.call(backend, signal), secrets),
      ),
    }),
    ...(listModels && { listModels: guard(listModels) }),
    ...(takesAnyModel && { takesAnyModel: takesAnyModel.bind(backend) }),
    ...(pull && {
      async *pull(model: string, context: PullContext) {
        try {
          return yield* pull.call(backend, model, context);
        } catch (error) {
          throw secrets.redactError(error);
        }
      },
    }),
    ...(remove && { remove: guard(remove) }),
    ...(load && { load: guard(load) }),
    ...(unload && { unload: guard(unload) }),
    ...(shutdown && { shutdown: guard(shutdown) }),
  };
}

/** What a backend gives may be of any shape: the author's types do not hold at run time. */
function withoutSecrets(health: Health, { redact }: Secrets): Health {
  return typeof health?.reason === "string" ? { ...health, reason: redact(health.reason) } : health;
}

/** A log that never sees a secret. */
export function redactedLog(log: Log, { redact }: Secrets): Log {
  return {
    debug: (message) => log.debug(redact(message)),
    info: (message) => log.info(redact(message)),
    warn: (message) => log.warn(redact(message)),
    error: (message) => log.error(redact(message)),
  };
}
