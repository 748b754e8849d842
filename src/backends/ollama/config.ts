import { z } from "zod";

/** A length of time as Go writes it: `5m`, `1h30m`; a negative one means for ever. */
const duration = z.string().regex(/^-?(\d+(\.\d+)?(ms|s|m|h))+$/, {
  error: 'Must be a length of time such as "5m", or a number of seconds.',
});

/** What a configuration may say about this backend. */
export const config = z.strictObject({
  /** Where Ollama listens; `/api` or `/v1` at its end may stand or not. */
  baseUrl: z
    .url({
      protocol: /^https?$/,
      error: 'Must be an address such as "http://127.0.0.1:11434".',
    })
    .refine(isPlain, {
      error: "Must hold no credentials, no query and no fragment; a key is given as apiKey.",
    })
    .transform(withoutPath)
    .prefault("http://127.0.0.1:11434"),
  /** The window of each model, in tokens, or the model's own where that is smaller; as Ollama decides where left out. */
  contextSize: z.int().min(16).optional(),
  /** How long Ollama keeps a model in memory after a call: seconds, or a text such as `10m`; as Ollama is set up where left out. */
  keepAlive: z.union([z.int(), duration]).optional(),
  /** Ollama's options for every call and load (`num_gpu`, `num_thread`, `top_k` …); a request's own parameters win. */
  options: z.record(z.string(), z.unknown()).default({}),
  /** Sent as bearer token: for a proxy in front of Ollama, or for Ollama's own cloud. */
  apiKey: z.string().min(1).optional(),
});

export type OllamaConfig = z.output<typeof config>;

function isPlain(written: string): boolean {
  if (!URL.canParse(written)) return true; // which is told already
  const { username, password, search, hash } = new URL(written);
  return username + password + search + hash === "";
}

/** The address without what people copy from elsewhere: a slash, the path of one of its APIs. */
function withoutPath(written: string): string {
  const { origin, pathname } = new URL(written);
  const path = pathname.replaceAll(/\/{2,}/g, "/").replace(/\/$/, "");
  return origin + path.replace(/\/(api|v1)$/, "");
}
