import { z } from "zod";

/** A package's name, and perhaps a door of it: `@ai-sdk/google-vertex/anthropic`. Never a path or a URL. */
const packageName =
  /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*(\/[a-z0-9_-][a-z0-9._-]*)*$/i;

const model = z.strictObject({
  name: z.string().min(1),
  /** What it can do, and what can be made from that; where left out it is tried for all, and classifies by chat. */
  capabilities: z
    .array(z.enum(["chat", "embedding"]))
    .min(1)
    .optional(),
  /** The window that a prompt and its answer share, in tokens. */
  contextTokens: z.int().positive().optional(),
});

/** What a configuration may say about this backend. */
export const config = z.strictObject({
  /** The provider package, which you install: `@ai-sdk/anthropic`. */
  provider: z
    .string()
    .regex(packageName, { error: "Must be the name of a package, such as @ai-sdk/anthropic." }),
  /** Which of its functions makes the provider, where it has several: `createAnthropic`. */
  factory: z.string().min(1).optional(),
  /** Given to that function as they are: `apiKey`, `baseURL`, `headers`, and what else the package knows. */
  options: z
    .looseObject({
      baseURL: z
        .url({ protocol: /^https?$/, error: "Must be an address such as https://example.com/v1." })
        .optional(),
      fetch: z.never({ error: "Modelyard gives its own." }).optional(),
    })
    .default({}),
  /** The models to list: a name, or a name and what it can do. Left out: any name is passed on. */
  models: z.array(z.union([z.string().min(1), model])).optional(),
});

export type AiSdkConfig = z.output<typeof config>;
