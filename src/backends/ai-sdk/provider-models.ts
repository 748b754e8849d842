import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ModelyardError } from "../../contract/errors.ts";
import { quote } from "../../contract/http/quote.ts";
import { readBeginning } from "../../contract/http/read-beginning.ts";
import type { CreateProvider, EmbeddingModel, LanguageModel, Provider } from "./api.ts";
import type { AiSdkConfig } from "./config.ts";
import { loadProvider } from "./load-provider.ts";

/**
 * A provider's models, each made for one call: a provider holds its `fetch` for good, and ours is the call's. To make one costs
 * 2 µs to 0.4 ms, so nothing is shared between calls, and no call can send with the leave of another.
 */
export interface ProviderModels {
  /** The package's name. */
  readonly provider: string;
  language(name: string, fetch: typeof globalThis.fetch): Promise<LanguageModel>;
  embedding(name: string, fetch: typeof globalThis.fetch): Promise<EmbeddingModel>;
}

/** What a package needs beside what the user says, so that answers are whole. The user's own options win. */
const usualOptions: Readonly<Record<string, Record<string, unknown>>> = {
  // Without it there are no figures of usage in a stream.
  "@ai-sdk/openai-compatible": { name: "openaiCompatible", includeUsage: true },
};

/** The package is looked for in the working directory, in `directory`, and beside Modelyard. */
export function createProviderModels(
  config: AiSdkConfig,
  directory: string | undefined,
): ProviderModels {
  const { provider, options } = config;
  let loading: Promise<CreateProvider> | undefined;

  function load(): Promise<CreateProvider> {
    const own = dirname(fileURLToPath(import.meta.url));
    const folders = [process.cwd(), ...(directory === undefined ? [] : [directory]), own];
    loading ??= loadProvider(config, folders).catch((error: unknown) => {
      // Whoever installs it need not start us again.
      loading = undefined;
      throw error;
    });
    return loading;
  }

  async function open(fetch: typeof globalThis.fetch): Promise<Provider> {
    const create = await load();
    const made = create({ ...usualOptions[provider], ...options, fetch: guardProvider(fetch) });
    if (typeof made?.languageModel === "function") return made;
    throw new ModelyardError(
      "invalid-config",
      `What ${provider} makes is no provider of the AI SDK.`,
      { remedy: "Set factory to the function of the package that makes one." },
    );
  }

  return {
    provider,
    async language(name, fetch) {
      return checked((await open(fetch)).languageModel(name), provider);
    },
    async embedding(name, fetch) {
      const made = await open(fetch);
      const model = made.embeddingModel?.(name) ?? made.textEmbeddingModel?.(name);
      if (model !== undefined) return checked(model, provider);
      throw new ModelyardError("capability-not-supported", `${provider} can't embed.`, {
        remedy: "Embed with a model of another backend.",
      });
    },
  };
}

function checked<Model extends { readonly specificationVersion: string }>(
  model: Model,
  provider: string,
): Model {
  const { specificationVersion } = model;
  if (specificationVersion === "v4" || specificationVersion === "v3") return model;
  throw new ModelyardError(
    "invalid-config",
    `${provider} speaks specification ${specificationVersion} of the AI SDK; Modelyard speaks v4 and v3.`,
    { remedy: `Install a newer version: \`npm install ${provider}@latest\`.` },
  );
}

/**
 * A `fetch` that takes a page for no answer: providers find no events in one, and think it a stream that was cut. And what a refusal says
 * is there with it, as far as it came: providers would wait for the whole.
 * @throws {ModelyardError} `invalid-response`
 */
function guardProvider(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const { status, headers } = response;
    if (status >= 400) return new Response(await readBeginning(response), { status, headers });
    const type = headers.get("content-type") ?? "";
    if (!response.ok || !/^text\/html\b/i.test(type)) return response;
    const { host, pathname } = new URL(input instanceof Request ? input.url : input);
    throw new ModelyardError(
      "invalid-response",
      `${host}${pathname} is a page, not an API: ${quote(await response.text())}.`,
      { remedy: "Check options.baseURL: most providers want it with its version, as in …/v1." },
    );
  };
}
