import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyModels } from "../../../../test/models/tiny-models.ts";
import type { Backend, CallContext } from "../../../contract/backend.ts";
import { chat, type ChatEvent, type ChatInput } from "../../../contract/capabilities/chat.ts";
import { validate } from "../../../contract/validate.ts";
import { config } from "../config.ts";
import definition from "../index.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
let directory: string;
let backend: Backend;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "modelyard-generate-"));
  await copyFile((await tinyModels()).chatGguf, join(directory, "tiny-chat.gguf"));
  const settings = { modelsDir: directory, threads: 1, gpu: false, contextSize: 256 };
  backend = definition.create({
    name: "llama-cpp",
    config: config.parse(settings),
    fetch,
    log,
    unloaded() {},
    secret() {},
  });
});

afterAll(async () => {
  await backend.shutdown?.();
  await rm(directory, { recursive: true, force: true });
});

async function ask(input: ChatInput) {
  const context: CallContext = {
    model: "tiny-chat",
    signal: new AbortController().signal,
    stream: true,
    fetch,
    warn: silent,
    progress: silent,
  };
  const request = validate(chat.request, { temperature: 0, ...input }, { what: "request" });
  const events: ChatEvent[] = [];
  for await (const event of backend.capabilities.chat!(request, context)) events.push(event);
  return chat.collect(events);
}

describe("generate", () => {
  it("ends at the window where a schema lets the answer go on for ever", async () => {
    const responseSchema = { type: "array", items: { type: "string" }, minItems: 200 };
    const { finishReason, usage } = await ask({ prompt: "Hi", responseSchema });
    expect(finishReason).toBe("length");
    expect((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)).toBe(256);
  });

  it("gives no more of a stop text than of any other", async () => {
    const { text } = await ask({ prompt: "Hi", stop: ["model", "test m"] });
    expect(text).toBe("Hello from the tiny ");
  });
});
