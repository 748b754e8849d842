import {
  fromClass,
  readJson,
  requestJson,
  toTextMessages,
  warnOfIgnored,
  z,
  type BackendSetup,
  type CallContext,
  type ChatRequest,
} from "../../../src/contract/index.ts";

const Config = z.strictObject({ baseUrl: z.url() });
type Setup = BackendSetup<z.output<typeof Config>>;

const Answer = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
});

/** A class whose methods `fromClass` finds: an API that answers in one piece. */
class ClassStyle {
  readonly #url: string;
  readonly #fetch: Setup["fetch"];

  constructor({ baseUrl }: Setup["config"], { fetch }: Setup) {
    this.#url = `${baseUrl}/v1`;
    this.#fetch = fetch;
  }

  async healthCheck(signal: AbortSignal): Promise<void> {
    await requestJson(this.#fetch, `${this.#url}/models`, { signal });
  }

  listModels(): string[] {
    return ["standard"];
  }

  async generateChat({ messages, maxTokens, ...rest }: ChatRequest, context: CallContext) {
    warnOfIgnored(rest, context);
    const { fetch, model } = context;
    const body = { model, messages: toTextMessages(messages), max_tokens: maxTokens };
    const response = await requestJson(fetch, `${this.#url}/chat/completions`, { body, model });
    return (await readJson(response, Answer)).choices[0]!.message.content;
  }
}

const upstream = ({ baseUrl }: Setup["config"]) => ({ url: baseUrl });
export default fromClass({ type: "class-style", config: Config, upstream }, ClassStyle);
