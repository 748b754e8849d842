import type { Backend, Health, Log } from "../contract/backend.ts";
import type { Secrets } from "../contract/http/secrets.ts";

/** The same backend, whose methods throw errors without its secrets in them, and whose reasons of health hold none. Its handlers' errors the pipeline sees to. */
export function redactErrors(backend: Backend, secrets: Secrets): Backend {
  // The other methods stay what they are; a class's would not survive being spread.
  const guarded: Backend = Object.create(backend);
  const { initialize, healthCheck, listModels, pull, remove, load, unload, shutdown } = backend;
  const methods = { initialize, healthCheck, listModels, remove, load, unload, shutdown };
  for (const [name, method] of Object.entries(methods)) {
    if (method === undefined) continue;
    Object.assign(guarded, {
      async [name](...values: unknown[]) {
        try {
          return await (method as (...all: unknown[]) => unknown).apply(backend, values);
        } catch (error) {
          throw secrets.redactError(error);
        }
      },
    });
  }
  if (guarded.healthCheck !== undefined) {
    const check = guarded.healthCheck;
    guarded.healthCheck = async (signal) => withoutSecrets(await check(signal), secrets);
  }
  if (pull !== undefined) {
    guarded.pull = async function* (model, context) {
      try {
        return yield* pull.call(backend, model, context);
      } catch (error) {
        throw secrets.redactError(error);
      }
    };
  }
  return guarded;
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
