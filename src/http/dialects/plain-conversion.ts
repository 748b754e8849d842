import { readFlag } from "./invalid-field.ts";
import type { Conversion } from "./conversion.ts";
import { refuseCut } from "./refuse-cut.ts";

/** For a capability that no dialect knows: its request as the contract has it, its result, its events, each as JSON. */
export function createPlainConversion(capability: string): Conversion {
  return {
    capability,
    fieldNames: {},
    read(body) {
      const { stream, ...request }: Record<string, unknown> = { ...body };
      delete request["model"];
      delete request["timeoutMs"];
      delete request["privacy"];
      return {
        requests: [request],
        stream: readFlag(stream, "stream") ?? false,
        warnings: [],
        toAnswer: ([result], { backend, model }) => ({
          body: { ...(result as object), model, backend },
          warnings: [],
        }),
        createFrames: (origin, untold) => ({
          toFrame(event) {
            refuseCut(event, origin);
            const rest = event.type === "finish" ? untold() : undefined;
            const whole = rest === undefined ? event : { ...event, modelyard: rest };
            return `data: ${JSON.stringify(whole)}\n\n`;
          },
          end: "data: [DONE]\n\n",
        }),
      };
    },
  };
}
