import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineBackend } from "../contract/backend.ts";
import { builtInCapabilities } from "../contract/capabilities.ts";
import { isModelyardError } from "../contract/errors.ts";
import { parseConfiguration } from "./parse-configuration.ts";

const remote = defineBackend({
  type: "remote",
  capabilities: ["chat"],
  config: z.strictObject({
    baseUrl: z.url(),
    apiKey: z.string().optional(),
    contextSize: z.int().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    options: z.looseObject({}).optional(),
    tls: z.strictObject({ caFile: z.string() }).optional(),
  }),
  create: () => ({ capabilities: {} }),
});
const vectors = defineBackend({
  type: "vectors",
  capabilities: ["embedding"],
  config: z.strictObject({ model: z.string().optional() }),
  create: () => ({ capabilities: {} }),
});
const options = {
  definitions: [remote, vectors],
  capabilities: builtInCapabilities,
  environment: { KEY: "secret", SIZE: "4096" },
};
const url = "http://127.0.0.1:8000/v1";

function problemsOf(written: unknown): string[] {
  try {
    parseConfiguration(written, options);
  } catch (error) {
    if (!isModelyardError(error) || error.code !== "invalid-config") throw error;
    const problems = error.details?.["problems"] as { path: string; message: string }[];
    return problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

const model = { name: "My Model", backend_type: "remote", config: { api_url: url } };

describe("a model that is complete by itself", () => {
  it("becomes one backend and one alias of its name", () => {
    const { backends, models } = parseConfiguration(
      {
        models: [
          { ...model, config: { ...model.config, model: "m-large" }, capabilities: ["chat"] },
          { name: "fast", targets: ["My Model/m-small"] },
        ],
        defaults: { chat: "My Model" },
        server: { keys: [{ name: "ci", key: "a", models: ["My Model", "My Model/m-large"] }] },
      },
      options,
    );
    expect(backends).toMatchObject([
      {
        name: "My Model",
        options: { baseUrl: url },
        settings: { type: "remote", capabilities: ["chat"] },
      },
    ]);
    expect(models).toMatchObject([
      { name: "My Model", targets: ["My Model/m-large"], complete: true },
      { name: "fast", targets: ["My Model/m-small"] },
    ]);
  });

  it("is its own name at its backend, where no other is given; a kind with such a key is told it", () => {
    const { backends, models } = parseConfiguration(
      [model, { name: "v", backendType: "vectors", config: { model: "minilm" } }],
      options,
    );
    expect(models.map(({ targets }) => targets)).toEqual([["My Model/My Model"], ["v/minilm"]]);
    expect(backends[1]?.options).toEqual({ model: "minilm" });
  });

  it.each<[string, unknown]>([
    ["a list", [model]],
    ["an object", model],
    ["an object that names its schema", { $schema: "./schema.json", ...model }],
  ])("may be the whole: %s", (_, written) => {
    expect(parseConfiguration(written, options)).toMatchObject({
      backends: [{ name: "My Model", options: { baseUrl: url } }],
      models: [{ name: "My Model" }],
      discover: false,
    });
  });

  it("is read in snake_case at every depth, but for what its kind hands on as it is", () => {
    const { backends } = parseConfiguration(
      {
        ...model,
        config: {
          api_url: "${NONE:-http://127.0.0.1/v1}",
          api_key: "${KEY}",
          context_size: "${SIZE}",
          headers: { x_team: "a" },
          options: { num_ctx: 1 },
          tls: { ca_file: "ca.pem" },
          timeouts: { first_token_ms: "${SIZE}" },
        },
        max_concurrent: 2,
        circuitBreaker: { cooldown_ms: 5 },
      },
      options,
    );
    expect(backends[0]).toMatchObject({
      options: {
        baseUrl: "http://127.0.0.1/v1",
        apiKey: "secret",
        contextSize: 4096,
        headers: { x_team: "a" },
        options: { num_ctx: 1 },
        tls: { caFile: "ca.pem" },
      },
      settings: {
        timeouts: { firstTokenMs: 4096 },
        maxConcurrent: 2,
        circuitBreaker: { cooldownMs: 5 },
      },
    });
  });
});

describe("what is wrong with such a model is told where it was written", () => {
  const { config } = model;
  it.each<[string, unknown, string[]]>([
    [
      "no backend_type",
      { models: [{ name: "a", config }] },
      ["models[0].backend_type: Must name the kind of backend. Known: remote, vectors."],
    ],
    [
      "no backend_type, and a name that is a kind's",
      [{ name: "remote", config }],
      ["[0].backend_type: Must name the kind of backend. Known: remote, vectors."],
    ],
    [
      "an unknown backend_type",
      { ...model, backend_type: "remot" },
      ['backend_type: Unknown type "remot". Did you mean "remote"?'],
    ],
    [
      "a misspelt backend_type",
      [{ name: "a", backend_typ: "vectors" }],
      ["[0].backend_type: Must name the kind of backend. Known: remote, vectors."],
    ],
    ["no address", { ...model, config: {} }, ["config.baseUrl: Missing: expected string."]],
    [
      "a wrong address",
      [model, { ...model, name: "b", config: { api_url: "x" } }],
      ["[1].config.api_url: Invalid URL"],
    ],
    [
      "a misspelt key, in config and beside",
      { models: [{ ...model, config: { ...config, tsl: {} }, max_concurent: 1 }] },
      [
        'models[0].config.tsl: Unknown key. Did you mean "tls"?',
        'models[0].max_concurent: Unknown key. Did you mean "maxConcurrent"?',
      ],
    ],
    [
      "a misspelt api_url, in either spelling",
      [
        { ...model, config: { ...config, api_ulr: url } },
        { ...model, name: "b", config: { ...config, apiUlr: url } },
      ],
      [
        '[0].config.api_ulr: Unknown key. Did you mean "api_url"?',
        '[1].config.apiUlr: Unknown key. Did you mean "api_url"?',
      ],
    ],
    [
      "a wrong setting of every backend",
      { ...model, timeouts: { idle_ms: -1 } },
      ["timeouts.idle_ms: Too small: expected number to be >0, found -1."],
    ],
    [
      "both spellings of a key",
      { ...model, config: { baseUrl: url, api_url: url } },
      ["config.api_url: Stands here twice, as config.baseUrl too: give one of the two."],
    ],
    [
      "a setting both in config and beside",
      { ...model, config: { ...config, max_queue: 1 }, maxQueue: 1 },
      ["maxQueue: Stands here twice, as config.max_queue too: give one of the two."],
    ],
    [
      "a config that is none",
      { ...model, config: url },
      [
        "config: Must be an object: the settings of the backend.",
        "config.baseUrl: Missing: expected string.",
      ],
    ],
    [
      "a variable that is not set",
      { ...model, config: { api_url: "${NONE}" } },
      [
        "config.api_url: The environment variable NONE is not set, or empty. Set it, or give a default: ${NONE:-…}.",
      ],
    ],
    [
      "a model that is no name",
      { ...model, config: { ...config, model: 7 } },
      ["config.model: Must be the model's name at its backend."],
    ],
    [
      "a name with a slash, and more",
      [{ ...model, name: "a/b", config: {} }],
      [
        "[0].name: An alias is a bare name, without a slash.",
        "[0].config.baseUrl: Missing: expected string.",
      ],
    ],
    [
      "no name",
      { models: [{ backend_type: "vectors" }] },
      ["models[0].name: Missing: expected string."],
    ],
    [
      "a name that a backend has",
      { backends: { "My Model": { type: "vectors" } }, models: [model] },
      [
        'models[0].name: "My Model" is taken already, by an entry of backends: this model brings a backend of its own name.',
      ],
    ],
    ["a name that another model has", [model, model], ['[1].name: "My Model" is taken already.']],
    [
      "a type in config",
      { ...model, config: { ...config, type: "remote" } },
      ["config.type: The kind of backend is what backend_type says."],
    ],
    [
      "targets beside",
      { models: [{ ...model, targets: ["a/b"] }] },
      [
        "models[0].targets: A model stands for targets, or is complete by itself (backend_type, config): not both.",
      ],
    ],
    [
      "misspelt capabilities",
      { ...model, capabilities: ["caht", "text-generation", "Text Generation", "xyz"] },
      [
        'capabilities[0]: Unknown capability "caht". Did you mean "chat"?',
        'capabilities[1]: Unknown capability "text-generation". Did you mean "completion"?',
        'capabilities[2]: Unknown capability "Text Generation". Did you mean "completion"?',
        `capabilities[3]: Unknown capability "xyz". Known: ${builtInCapabilities.map(({ name }) => name).join(", ")}.`,
      ],
    ],
    [
      "no capabilities",
      { ...model, capabilities: [] },
      ["capabilities: Name a capability, or leave it out to offer all."],
    ],
    [
      "capabilities that its kind lacks",
      [{ ...model, capabilities: ["classification", "embeddings", "embedding"] }],
      [
        '[0].capabilities[1]: Unknown capability "embeddings". Did you mean "embedding"?',
        '[0].capabilities[2]: A backend of the kind remote can\'t do "embedding". It can do: chat, completion, classification.',
      ],
    ],
  ])("%s", (_, written, problems) => {
    expect(problemsOf(written)).toEqual(problems);
  });
});
