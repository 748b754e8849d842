import type { AnyCapability } from "../contract/capability.ts";
import type { Gateway } from "../gateway/api.ts";

/**
 * A gateway that may be used before it is open: calls wait for it. A client that has just launched us is greeted at once, and
 * what answers its calls is read meanwhile.
 */
export function deferGateway(
  capabilities: readonly AnyCapability[],
  opening: Promise<Gateway>,
): Gateway {
  let opened: Gateway | undefined;
  const waiting = new Set<(gateway: Gateway) => void>();
  // Who awaits a call hears of a failure, and so does the one who opens.
  opening.then(
    (gateway) => {
      opened = gateway;
      for (const attach of waiting) attach(gateway);
      waiting.clear();
    },
    () => waiting.clear(),
  );

  return {
    capabilities: new Map(capabilities.map((each) => [each.name, each])),
    call: async (...values) => (await opening).call(...values),
    stream: async (...values) => (await opening).stream(...values),
    models: async (...values) => (await opening).models(...values),
    backends: async (...values) => (await opening).backends(...values),
    pull: async (...values) => (await opening).pull(...values),
    unload: async (...values) => (await opening).unload(...values),
    remove: async (...values) => (await opening).remove(...values),
    close: async (...values) => (await opening).close(...values),
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
  };
}
