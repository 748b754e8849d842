import { ModelyardError } from "../contract/errors.ts";
import type { Gateway } from "./api.ts";

/** A gateway that may be used before it is open; what it can do is known once it is. */
export interface DeferredGateway extends Omit<Gateway, "capabilities"> {
  /** Opens it, once, however often it is asked. @throws ModelyardError what kept it from being opened; `cancelled` once closed */
  open(): Promise<Gateway>;
}

/** A gateway that is opened by its first use, or by `open`. Listeners are attached as soon as it is; closing opens nothing. */
export function deferGateway(openGateway: () => Promise<Gateway>): DeferredGateway {
  let opening: Promise<Gateway> | undefined;
  let opened: Gateway | undefined;
  let closed = false;
  const waiting = new Set<(gateway: Gateway) => void>();

  async function open(): Promise<Gateway> {
    if (closed) throw new ModelyardError("cancelled", "Modelyard has been closed.");
    opening ??= openAndAttach();
    return opening;
  }

  async function openAndAttach(): Promise<Gateway> {
    opened = await openGateway();
    for (const attach of waiting) attach(opened);
    waiting.clear();
    return opened;
  }

  return {
    open,
    shows: async (...values) => (await open()).shows(...values),
    explain: (id) => opened?.explain(id),
    call: async (...values) => (await open()).call(...values),
    stream: async (...values) => (await open()).stream(...values),
    models: async (...values) => (await open()).models(...values),
    backends: async (...values) => (await open()).backends(...values),
    pull: async (...values) => (await open()).pull(...values),
    unload: async (...values) => (await open()).unload(...values),
    remove: async (...values) => (await open()).remove(...values),
    change: async (...values) => (await open()).change(...values),
    configuration: async () => (await open()).configuration(),
    on(name, listener) {
      let detach: (() => void) | undefined;
      const attach = (gateway: Gateway) => {
        detach = gateway.on(name, listener);
      };
      if (opened === undefined) waiting.add(attach);
      else attach(opened);
      return () => {
        waiting.delete(attach);
        detach?.();
      };
    },
    async close(options) {
      closed = true;
      // One that could not be opened has told so where it was asked for.
      await opening?.catch(() => {});
      await opened?.close(options);
    },
  };
}
