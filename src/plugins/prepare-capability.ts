import type { AnyCapability } from "../contract/capability.ts";
import { checkedHandler, invalidAnswer } from "../contract/checked-handler.ts";
import { validate } from "../contract/validate.ts";

/** A plugin's capability whose own code is held to its schemas: what it derives, and the result that it collects. */
export function prepareCapability(capability: AnyCapability): AnyCapability {
  const { name, result, derive = [] } = capability;
  const what = `${name} result`;
  return {
    ...capability,
    collect(given: never) {
      const collected: unknown = capability.collect(given);
      validate(result, collected, { what, ...invalidAnswer });
      return collected;
    },
    derive: derive.map(({ from, derive: make }) => ({
      from,
      derive: (handler) => checkedHandler(capability, make(handler)),
    })),
  };
}
