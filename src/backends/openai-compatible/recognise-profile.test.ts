import { describe, expect, it, onTestFinished } from "vitest";
import { startRecordedServer, type RecordedAnswers } from "../../../test/peers/recorded-server.ts";
import { createGuardedFetch } from "../../contract/http/guarded-fetch.ts";
import { toBaseUrl } from "./base-url.ts";
import { discover } from "./discover.ts";
import { findProfile, profileOfHost, profiles } from "./profiles/find-profile.ts";
import { recorded, tryBackend } from "./__fixtures__/try-backend.ts";
import { peek } from "./peek.ts";
import { recogniseProfile } from "./recognise-profile.ts";

async function serve(answers: RecordedAnswers) {
  const server = await startRecordedServer(answers);
  onTestFinished(() => server.stop());
  return server;
}

const list = (owner: string) => ({
  status: 200,
  body: { object: "list", data: [{ id: "m", owned_by: owner }] },
});
const lmStudio = { error: "Unexpected endpoint or method. (GET /x). Returning 200 anyway" };

/** What each kind of server answers, as far as it is asked. */
const answers: Record<string, RecordedAnswers> = {
  "llama-server": { "GET /v1/models": recorded("llama-server/models") },
  ollama: { "GET /v1/models": list("library") },
  vllm: {
    "GET /v1/models": list("vllm"),
    "GET /version": { status: 200, body: { version: "0.11" } },
  },
  sglang: { "GET /v1/models": list("sglang") },
  "lm-studio": {
    "GET /v1/models": list("organization_owner"),
    "GET /api/v0/models": {
      status: 200,
      body: { data: [{ id: "m", compatibility_type: "gguf" }] },
    },
    "GET /v1/models/capabilities": { status: 200, body: lmStudio },
    "GET /openapi.json": { status: 200, body: lmStudio },
    "GET /info": { status: 200, body: lmStudio },
    "GET /health": { status: 200, body: lmStudio },
    "GET /v1/internal/model/info": { status: 200, body: lmStudio },
    "GET /api/extra/version": { status: 200, body: lmStudio },
  },
  localai: {
    "GET /v1/models": {
      status: 200,
      body: { object: "list", data: [{ id: "m", object: "model" }] },
    },
    "GET /v1/models/capabilities": { status: 200, body: { data: [{ id: "m", capabilities: [] }] } },
  },
  "text-generation-webui": {
    "GET /v1/models": list("user"),
    "GET /v1/internal/model/info": { status: 200, body: { model_name: "m", lora_names: [] } },
  },
  tabbyapi: {
    "GET /v1/models": { status: 401, body: { detail: "Invalid API key" } },
    "GET /health": { status: 200, body: { status: "healthy", issues: [] } },
  },
  koboldcpp: {
    "GET /v1/models": list("koboldcpp"),
    "GET /api/extra/version": { status: 200, body: { result: "KoboldCpp", version: "1.99" } },
  },
  jan: {
    "GET /v1/models": list("user"),
    "GET /openapi.json": { status: 200, body: { info: { title: "Jan API" } } },
  },
  tgi: {
    "GET /v1/models": list("org"),
    "GET /info": { status: 200, body: { max_total_tokens: 4096 } },
  },
  tei: { "GET /info": { status: 200, body: { model_type: { embedding: { pooling: "mean" } } } } },
  plain: { "GET /v1/models": list("somebody") },
};

describe.each(Object.entries(answers))("%s", (name, answered) => {
  const { fetch } = createGuardedFetch();
  const { signal } = new AbortController();

  it("is recognised by its answers", async () => {
    const { url } = await serve(answered);
    const ask = (path: string) =>
      peek(fetch, path.startsWith("/") ? `${url}${path}` : `${url}/v1/${path}`, { signal });
    expect((await recogniseProfile(ask))?.name).toBe(name);
  });

  it("is found under its name alone", async () => {
    const { url } = await serve(answered);
    const found = await Promise.all(
      discover.map(
        async (each) => [each.name, await each.recognise(url, { fetch, signal })] as const,
      ),
    );
    const known = discover.some((each) => each.name === name);
    const expected = known ? [[name, { baseUrl: `${url}/v1`, profile: name }]] : [];
    expect(found.filter(([, config]) => config !== undefined)).toEqual(expected);
  });
});

describe("a server that is asked for the first time", () => {
  it("is recognised once, for all who ask", async () => {
    const { url, requests } = await serve({
      ...answers["vllm"],
      "GET /health": { status: 200, body: "" },
    });
    const { backend } = tryBackend({ baseUrl: url });
    const { signal } = new AbortController();
    await Promise.all([backend.healthCheck!(signal), backend.healthCheck!(signal)]);
    await backend.healthCheck!(signal);
    expect(requests.map(({ path }) => path).toSorted()).toEqual([
      "/health",
      "/health",
      "/health",
      "/v1/models",
    ]);
  });

  it("and does not answer is asked again", async () => {
    const down = await startRecordedServer([]);
    await down.stop();
    const { fetch } = createGuardedFetch();
    const { signal } = new AbortController();
    expect(
      await recogniseProfile((path) => peek(fetch, `${down.url}/${path}`, { signal })),
    ).toBeUndefined();
    const { backend } = tryBackend({ baseUrl: down.url });
    expect(await backend.healthCheck!(signal)).toMatchObject({ status: "unhealthy" });
  });
});

describe("a service", () => {
  it.each(profiles.filter(({ baseUrl }) => baseUrl !== undefined))(
    "$name is known by its address",
    ({ name, baseUrl = "", basePath }) => {
      const { hostname, pathname, origin } = new URL(baseUrl);
      expect(profileOfHost(hostname)?.name).toBe(name);
      expect(pathname.replace(/\/$/, "")).toBe(basePath);
      expect(toBaseUrl({ baseUrl: undefined, profile: name })).toBe(baseUrl);
      expect(toBaseUrl({ baseUrl: origin, profile: undefined })).toBe(baseUrl);
    },
  );

  it("of Azure is known by its resource's name", () => {
    expect(profileOfHost("my-resource.openai.azure.com")).toBe(findProfile("azure"));
    expect(toBaseUrl({ baseUrl: "http://127.0.0.1:8080//v1//", profile: undefined })).toBe(
      "http://127.0.0.1:8080/v1",
    );
    expect(toBaseUrl({ baseUrl: "https://r.openai.azure.com", profile: undefined })).toBe(
      "https://r.openai.azure.com/openai/v1",
    );
  });
});
