import openAiCompatible from "../../backends/openai-compatible/index.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { createTestGateway, type TestGateway } from "../../gateway/__fixtures__/test-gateway.ts";

/** How long a call may take before it counts as one that hangs: far beyond its limits. */
const hangingMs = 10_000;

/** Limits on a call: short for faults that only a limit ends, long for all others, so that a busy machine changes nothing. */
export const shortLimits = { connectMs: 2_000, firstTokenMs: 700, idleMs: 700, totalMs: 1_500 };
const longLimits = { connectMs: 5_000, firstTokenMs: 8_000, idleMs: 8_000, totalMs: 9_000 };

/** What a caller may ask for. Chat is streamed upstream either way; embeddings never are. */
export type Way = "streamed" | "collected" | "embedding";

/** A gateway with one server that is asked once: what callers see of the bare fault. */
export function gatewayTo(url: string, timeouts = longLimits): TestGateway {
  const retry = { attempts: 1 };
  const backend = { type: "openai-compatible", baseUrl: `${url}/v1`, timeouts, retry };
  return createTestGateway([openAiCompatible], {
    backends: { server: { ...backend, profile: "plain", models: ["chaos"] } },
  });
}

/**
 * What a caller sees of a call, in a few words: `whole`, `part` or `other` for an answer that ends well, by the text that it should
 * have, with its finish reason unless that is `stop`; else the error's code, with `after text` where some had arrived.
 */
export async function outcomeOf(gateway: TestGateway, way: Way, whole: string): Promise<string> {
  const late = new Promise<string>((resolve) => {
    setTimeout(resolve, hangingMs, "hangs").unref();
  });
  return Promise.race([call(gateway, way, whole), late]);
}

async function call(gateway: TestGateway, way: Way, whole: string): Promise<string> {
  let text = "";
  try {
    const options = { model: "server/chaos" };
    if (way === "embedding") {
      const { result } = await gateway.call("embedding", { input: ["one two"] }, options);
      return describeVectors(result);
    }
    if (way === "collected") {
      const { result } = await gateway.call("chat", { prompt: "one two" }, options);
      const answer = result as { text: string; finishReason: string; usage: object };
      return describe(answer.text, whole, answer.finishReason, answer.usage);
    }
    let ending = { reason: "", usage: {} };
    const { events } = await gateway.stream("chat", { prompt: "one two" }, options);
    for await (const event of events) {
      if (event.type === "text-delta") text += (event as unknown as { text: string }).text;
      if (event.type === "finish") ending = event as unknown as typeof ending;
    }
    return describe(text, whole, ending.reason, ending.usage);
  } catch (error) {
    if (!isModelyardError(error)) throw error;
    const { code, retryAfterMs } = error;
    const wait =
      retryAfterMs === undefined ? "" : `, wait ${Math.round(retryAfterMs / 3_000) * 3} s`;
    return `${code}${wait}${text === "" ? "" : " after text"}`;
  }
}

function describe(text: string, whole: string, reason: string, usage: object): string {
  const words = whole.split(" ").length;
  const counted =
    Reflect.get(usage, "inputTokens") === 2 && Reflect.get(usage, "outputTokens") === words;
  const how = text === whole ? "whole" : whole.startsWith(text) ? "part" : "other";
  return [how, ...(reason === "stop" ? [] : [reason]), ...(counted ? [] : ["uncounted"])].join(
    ", ",
  );
}

function describeVectors(result: unknown): string {
  const { embeddings } = result as { embeddings: number[][] };
  const expected = [Math.cos("one two".length), Math.sin("one two".length), 0, 0];
  const same = expected.every((value, at) => Math.abs(value - embeddings[0]![at]!) < 1e-6);
  return embeddings.length === 1 && same ? "whole" : "other";
}
