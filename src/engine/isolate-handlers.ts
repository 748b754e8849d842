import type { CallContext, Handlers } from "../contract/backend.ts";
import type { AnyCapability, AnyHandler } from "../contract/capability.ts";
import type { RequestLimits } from "../contract/http/limited-fetch.ts";
import { askEngine, type EngineSource } from "./ask-engine.ts";
import { engineStream } from "./engine-stream.ts";

/** The same handlers, behind the wall. `limits` tells what holds for what a call sends there; nothing is sent where it is left out. */
export function isolateHandlers(
  handlers: Handlers,
  capabilities: readonly AnyCapability[],
  source: EngineSource,
  limits?: (context: CallContext) => RequestLimits | undefined,
): Handlers {
  const isolated = Object.keys(handlers).map((capability): [string, AnyHandler] => {
    const streams = capabilities.find(({ name }) => name === capability)?.event !== undefined;
    return [
      capability,
      (request: unknown, context: CallContext) => {
        const { model, stream } = context;
        const message = { type: "call", capability, request, model, stream } as const;
        const limited = limits === undefined ? message : { ...message, limits: limits(context) };
        if (streams) return engineStream(source, limited, context);
        return askEngine(source, limited, context);
      },
    ];
  });
  return Object.fromEntries(isolated);
}
