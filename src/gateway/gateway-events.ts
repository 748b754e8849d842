import type { Log } from "../contract/backend.ts";
import { toModelyardError } from "../contract/errors.ts";
import type { GatewayEvents } from "./api.ts";

type Listener<Name extends keyof GatewayEvents> = (...values: GatewayEvents[Name]) => void;

/** Who listens to the gateway. What a listener throws is logged: it must not break the call that it hears of. */
export function createGatewayEvents(log: Log) {
  const listeners = new Map<keyof GatewayEvents, Set<Listener<never>>>();

  return {
    /** Gives what takes the listener off again. */
    on<Name extends keyof GatewayEvents>(name: Name, listener: Listener<Name>): () => void {
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all.add(listener as Listener<never>));
      return () => void all.delete(listener as Listener<never>);
    },
    emit<Name extends keyof GatewayEvents>(name: Name, ...values: GatewayEvents[Name]): void {
      for (const listener of listeners.get(name) ?? [])
        callSafely(() => listener(...(values as never)), `a listener of ${name}`, log);
    },
  };
}

/** Calls what a user gave us, and logs what it throws. */
export function callSafely(callback: () => void, what: string, log: Log): void {
  try {
    callback();
  } catch (error) {
    log.error(`${what} failed: ${toModelyardError(error, "internal").message}`);
  }
}
