import path from "node:path";
import { deferredGateway } from "../../src/app/open-gateway.ts";
import { services } from "../../src/app/services.ts";
import { chaosUpstream, type ChaosUpstream } from "../../src/testing/chaos-upstream.ts";
import { tinyModels } from "../models/tiny-models.ts";

export interface ServedPort extends AsyncDisposable {
  /** What clients call their base URL. */
  readonly baseURL: string;
  /** What answers to `upstream/…`. */
  readonly upstream: ChaosUpstream;
}

/** The port as `modelyard serve` opens it: tiny models that run here, and an upstream that speaks OpenAI's API and can be told what to do; and `more` backends. */
export async function servePort(more: object = {}): Promise<ServedPort> {
  const [{ chatGguf, onnxDirectory }, upstream] = await Promise.all([
    tinyModels(),
    chaosUpstream({ text: "Hello from the upstream.", models: ["chaos", "busy"] }),
  ]);
  const config = {
    backends: {
      ...more,
      "llama-cpp": {
        type: "llama-cpp",
        modelsDir: path.dirname(chatGguf),
        threads: 1,
        gpu: false,
      },
      huggingface: {
        type: "huggingface",
        cacheDir: onnxDirectory,
        threads: 1,
      },
      upstream: {
        type: "openai-compatible",
        profile: "plain",
        baseUrl: upstream.url,
        retry: { attempts: 1 },
      },
    },
    defaults: { chat: "llama-cpp/tiny-chat.gguf", embedding: "huggingface/test/embed" },
  };
  const log = { debug() {}, info() {}, warn() {}, error: console.error };
  const gateway = await deferredGateway({ config, log }).open();
  const server = await services.serveHttp(gateway, { host: "127.0.0.1", port: 0, log });
  return {
    baseURL: `${server.url}/v1`,
    upstream,
    async [Symbol.asyncDispose]() {
      await Promise.all([server.close(), gateway.close()]);
      await upstream.close();
    },
  };
}
