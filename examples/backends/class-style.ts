/** The same kind of backend for those who think in classes: a method for each thing it can do. */
import { fromClass, readJson, requestJson, toPrompt, warnOfIgnored, z } from "modelyard/backend";
import type { BackendSetup, CallContext, ChatRequest } from "modelyard/backend";

const Config = z.strictObject({ baseUrl: z.url() });
type Setup = BackendSetup<z.output<typeof Config>>;

const Answer = z.object({ output: z.string() });

class Acme {
  readonly #url: string;
  readonly #fetch: Setup["fetch"];

  constructor({ baseUrl }: Setup["config"], { fetch }: Setup) {
    this.#url = baseUrl;
    this.#fetch = fetch;
  }

  async healthCheck(signal: AbortSignal) {
    await requestJson(this.#fetch, `${this.#url}/health`, { signal });
    return "healthy" as const;
  }

  listModels() {
    return ["standard"];
  }

  async generateChat({ messages, maxTokens, ...rest }: ChatRequest, context: CallContext) {
    warnOfIgnored(rest, context);
    const { fetch, model } = context;
    const body = { model, input: toPrompt(messages), limit: maxTokens };
    const response = await requestJson(fetch, `${this.#url}/generate`, { body, model });
    return (await readJson(response, Answer)).output.trim();
  }
}

const description = "A backend written as a class.";
const upstream = ({ baseUrl }: Setup["config"]) => ({ url: baseUrl });
export default fromClass({ type: "class-style", description, config: Config, upstream }, Acme);
