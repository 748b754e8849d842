import type { ServedPort } from "../serve-port.ts";

export const messages = [{ role: "user" as const, content: "Who are you?" }];
/** To a model that runs here, which answers with {@link hello}. */
export const tiny = { model: "llama-cpp/tiny-chat.gguf", messages };
export const hello = "Hello from the tiny test model.";
export const upstream = { model: "upstream/chaos", messages };

/** What the upstream was asked last. */
export function askedOf(port: ServedPort): Record<string, unknown> {
  return port.upstream.requests.findLast(({ method }) => method === "POST")?.body as never;
}
