import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { createAiSdk } from "./__fixtures__/create-ai-sdk.ts";
import { config } from "./config.ts";
import aiSdk from "./index.ts";

function upstreamOf(options: object) {
  return aiSdk.upstream?.(config.parse({ provider: "@ai-sdk/openai", options }));
}

const { signal } = new AbortController();

describe("the definition", () => {
  it("loads no package of the AI SDK before it is asked", () => {
    const definition = JSON.stringify(path.join(import.meta.dirname, "index.ts"));
    const program = `
      const { registerHooks } = await import("node:module");
      registerHooks({ resolve(specifier, context, next) { console.log(specifier); return next(specifier, context); } });
      const { default: definition } = await import(${definition});
      definition.create({ config: definition.config.parse({ provider: "@ai-sdk/anthropic" }), secret() {} });
    `;
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
    });
    expect(output).toContain("./chat.ts");
    expect(output).not.toContain("@ai-sdk/");
  });

  it("sends where baseURL says, and else somewhere remote", () => {
    expect(upstreamOf({ baseURL: "http://127.0.0.1:8080/v1" })).toEqual({
      url: "http://127.0.0.1:8080/v1",
    });
    expect(upstreamOf({})).toBeUndefined();
  });

  it.each([
    { provider: "../provider.mjs" },
    { provider: "/tmp/provider" },
    { provider: "https://example.com/provider.js" },
    { provider: "@ai-sdk/openai/../../x" },
    { provider: "@ai-sdk/openai", options: { baseURL: "example.com" } },
    { provider: "@ai-sdk/openai", options: { fetch: {} } },
    { provider: "@ai-sdk/openai", apiKey: "sk" },
  ])("refuses %j", (settings) => {
    expect(config.safeParse(settings).success).toBe(false);
  });

  it("tells of every secret among the options", () => {
    const options = {
      apiKey: "sk-1",
      baseURL: "https://example.com",
      headers: { authorization: "Bearer sk-2", "x-team": "blue" },
    };
    expect(createAiSdk({ provider: "@ai-sdk/openai", options }).secrets).toEqual(["sk-1", "sk-2"]);
  });
});

describe("models", () => {
  it("are those of the configuration, or any", async () => {
    const provider = "@ai-sdk/google";
    expect(createAiSdk({ provider }).backend.listModels).toBeUndefined();
    const embed = { name: "gemini-embedding-001", capabilities: ["embedding" as const] };
    const { backend } = createAiSdk({ provider, models: ["gemini-2.5-flash", embed] });
    expect(await backend.listModels?.(signal)).toEqual([{ name: "gemini-2.5-flash" }, embed]);
  });
});

describe("health", () => {
  it("is good once a request could be sent, and says that the service was not asked", async () => {
    const options = { apiKey: "sk-ant-1" };
    const { backend } = createAiSdk({ provider: "@ai-sdk/anthropic", options });
    expect(await backend.healthCheck?.(signal)).toEqual({
      status: "healthy",
      reason: expect.stringContaining("the service was not asked"),
    });
  });

  it("names what a key can be given as", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", undefined);
    const { backend } = createAiSdk({ provider: "@ai-sdk/anthropic" });
    expect(await backend.healthCheck?.(signal)).toEqual({
      status: "unhealthy",
      reason: expect.stringContaining(
        "Set options.apiKey or the environment variable ANTHROPIC_API_KEY.",
      ),
    });
    vi.unstubAllEnvs();
  });

  it("turns good when a missing package is installed beside the configuration", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-ai-sdk-"));
    const { backend } = createAiSdk({ provider: "late-provider" }, folder);
    expect(await backend.healthCheck?.(signal)).toEqual({
      status: "unhealthy",
      reason: expect.stringMatching(/not installed.+`npm install late-provider`/),
    });
    install(folder, "late-provider", "v4");
    expect(await backend.healthCheck?.(signal)).toMatchObject({ status: "healthy" });
    fs.rmSync(folder, { recursive: true });
  });
});

describe("specifications", () => {
  it.each(["v2", "v5"])("refuses %s with a word on what it speaks", async (version) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-ai-sdk-"));
    install(folder, "other-provider", version);
    const sdk = createAiSdk({ provider: "other-provider" }, folder);
    await expect(sdk.chat({ prompt: "Hello" })).rejects.toMatchObject({
      code: "invalid-config",
      message: `other-provider speaks specification ${version} of the AI SDK; Modelyard speaks v4 and v3.`,
    });
    fs.rmSync(folder, { recursive: true });
  });

  it("takes v3", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-ai-sdk-"));
    install(folder, "older-provider", "v3");
    const sdk = createAiSdk({ provider: "older-provider" }, folder);
    const answered = (async () => new Response("Hi")) as typeof fetch;
    const events = [];
    for await (const event of sdk.stream({ prompt: "Hello" }, { fetch: answered }))
      events.push(event);
    expect(events).toMatchObject([
      { type: "text-delta", text: "Hi" },
      { type: "finish", reason: "stop" },
    ]);
    fs.rmSync(folder, { recursive: true });
  });
});

/** A provider that says what its upstream says. */
function install(folder: string, name: string, version: string): void {
  const place = path.join(folder, "node_modules", name);
  fs.mkdirSync(place, { recursive: true });
  fs.writeFileSync(path.join(place, "package.json"), JSON.stringify({ name, main: "index.mjs" }));
  const source = `
    export const createProvider = ({ fetch }) => ({
      languageModel: () => ({
        specificationVersion: "${version}",
        async doStream() {
          const response = await fetch("http://127.0.0.1:9/");
          const delta = await response.text();
          const usage = { inputTokens: {}, outputTokens: {} };
          const finishReason = { unified: "stop", raw: "stop" };
          return { stream: ReadableStream.from([
            { type: "text-delta", id: "0", delta }, { type: "finish", usage, finishReason },
          ]) };
        },
      }),
    });
  `;
  fs.writeFileSync(path.join(place, "index.mjs"), source);
}
