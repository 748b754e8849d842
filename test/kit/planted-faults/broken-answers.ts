import { ModelyardError, readEvents, type ChatEvent, type z } from "../../../src/contract/index.ts";
import { Chunk, overHttp, read, say, send, type PlantedFault } from "./planted-fault.ts";

/** What an event holds, errors and all that is no JSON told rightly. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new ModelyardError("invalid-response", "An event of its server is no JSON.", { cause });
  }
}

/** Takes what is no whole answer for one, or does not say what is wrong with it. */
export const wrongReadings: readonly PlantedFault[] = [
  {
    name: "sells an answer that broke off as whole",
    caughtBy: "errors/cut-off",
    also: ["errors/garbage"],
    definition: overHttp(
      (setup) =>
        async function* lenient(request, context) {
          const response = await send(request, context, setup);
          try {
            yield* read(response);
          } catch (error) {
            if ((error as ModelyardError).code !== "stream-interrupted") throw error;
            yield { type: "finish", reason: "stop", usage: {} };
          }
        },
    ),
  },
  {
    name: "sells a stream without its end as whole",
    caughtBy: "errors/ends-early",
    definition: overHttp(
      (setup) =>
        async function* trusting(request, context) {
          let last: ChatEvent | undefined;
          for await (const event of read(await send(request, context, setup))) {
            last = event;
            yield event;
          }
          if (last?.type === "text-delta") yield { type: "finish", reason: "stop", usage: {} };
        },
    ),
  },
  {
    name: "takes a web page for an answer",
    caughtBy: "errors/garbage",
    definition: overHttp(
      (setup) =>
        async function* naive(request, context) {
          const response = await send(request, context, setup);
          if (response.headers.get("content-type")?.includes("html")) {
            yield* say(await response.text());
            return;
          }
          yield* read(response);
        },
    ),
  },
  {
    name: "parses each line by the schema itself, whose error is a dump",
    caughtBy: "errors/other-shape",
    definition: overHttp(
      (setup) =>
        async function* dumps(request, context) {
          let isEnded = false;
          for await (const event of readEvents(await send(request, context, setup))) {
            if (event.data === "[DONE]") continue;
            const { choices } = Chunk.parse(parsed(event.data));
            const { delta, finish_reason: reason } = choices[0] ?? {};
            if (delta?.content) yield { type: "text-delta", text: delta.content };
            isEnded ||= typeof reason === "string";
          }
          if (isEnded) yield { type: "finish", reason: "stop", usage: {} };
        },
    ),
  },
  {
    name: "reads fields that may not be there",
    caughtBy: "errors/other-shape",
    definition: overHttp(
      (setup) =>
        async function* trusting(request, context) {
          for await (const event of readEvents(await send(request, context, setup))) {
            if (event.data === "[DONE]") continue;
            const { choices } = parsed(event.data) as z.output<typeof Chunk>;
            const { delta, finish_reason: reason } = choices[0]!;
            if (delta.content) yield { type: "text-delta", text: delta.content };
            if (reason) yield { type: "finish", reason: "stop", usage: {} };
          }
        },
    ),
  },
];
