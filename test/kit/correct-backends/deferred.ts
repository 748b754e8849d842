import {
  deferBackend,
  defineBackend,
  readJson,
  requestJson,
  unitVector,
  z,
  type Backend,
} from "../../../src/contract/index.ts";

const Vectors = z.object({
  data: z.array(z.object({ index: z.int(), embedding: z.array(z.number()) })),
  usage: z.object({ prompt_tokens: z.int() }),
});
const Models = z.object({ data: z.array(z.object({ id: z.string() })) });

/** Loaded by its first use, with its parameters declared, and what it lists asked of its server. */
export default defineBackend({
  type: "deferred",
  config: z.strictObject({ baseUrl: z.url() }),
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  capabilities: ["embedding"],
  parameters: { embedding: { dimensions: "honoured", purpose: "warned" } },
  create: ({ config: { baseUrl }, fetch }) =>
    deferBackend(
      { capabilities: ["embedding"], methods: ["listModels"] },
      async (): Promise<Backend> => ({
        async listModels(signal) {
          const response = await requestJson(fetch, `${baseUrl}/v1/models`, { signal });
          return (await readJson(response, Models)).data.map(({ id }) => ({ name: id }));
        },
        capabilities: {
          async embedding({ input, dimensions, purpose }, context) {
            if (purpose !== undefined) context.warn("purpose is ignored.");
            const url = `${baseUrl}/v1/embeddings`;
            const body = { model: context.model, input, dimensions };
            const response = await requestJson(context.fetch, url, { body });
            const { data, usage } = await readJson(response, Vectors);
            const sorted = data.toSorted((a, b) => a.index - b.index);
            return {
              embeddings: sorted.map(({ embedding }) => unitVector(embedding)),
              usage: { inputTokens: usage.prompt_tokens },
            };
          },
        },
      }),
    ),
});
