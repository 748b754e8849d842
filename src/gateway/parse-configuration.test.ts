import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineBackend } from "../contract/backend.ts";
import { builtInCapabilities } from "../contract/capabilities.ts";
import { isModelyardError } from "../contract/errors.ts";
import type { ConfigurationInput } from "./configuration.ts";
import { invalidConfiguration, parseConfiguration } from "./parse-configuration.ts";

const tiny = defineBackend({
  type: "tiny",
  builtIn: true,
  config: z.strictObject({ threads: z.int().positive().optional() }),
  create: () => ({ capabilities: {} }),
});
const remote = defineBackend({
  type: "remote",
  config: z.strictObject({ baseUrl: z.url(), apiKey: z.string().optional() }),
  create: () => ({ capabilities: {} }),
});

const loose = defineBackend({
  type: "loose",
  config: z.strictObject({ baseUrl: z.string(), key: z.string().transform(toKey).optional() }),
  upstream: ({ baseUrl }) => ({ url: `${baseUrl}/v1` }),
  create: () => ({ capabilities: {} }),
});

function toKey(text: string): string {
  if (text === "bad") throw new Error("no key");
  return text;
}

const environment = {
  KEY: "secret",
  EMPTY: "",
  PORT: "4700",
  OFF: "false",
  BIG: "70000",
  TWO: "2",
};
const options = {
  definitions: [tiny, remote],
  capabilities: builtInCapabilities,
  environment,
};

function problemsOf(written: unknown, more: { unnamed?: () => string[] } = {}): string[] {
  try {
    parseConfiguration(written, { ...options, ...more, file: "modelyard.json" });
  } catch (error) {
    if (!isModelyardError(error) || error.code !== "invalid-config") throw error;
    const problems = error.details?.["problems"] as { path: string; message: string }[];
    return problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

const url = "http://127.0.0.1";

describe("a configuration that is right", () => {
  it("needs nothing: built-in backends and every default are there", () => {
    const configuration = parseConfiguration({}, options);
    expect(configuration).toMatchObject({
      models: [],
      defaults: {},
      memory: { idleMs: 900_000 },
      server: { host: "127.0.0.1", port: 4600, maxBodyBytes: 16_777_216, drainMs: 30_000 },
    });
    expect(configuration.backends).toEqual([
      {
        name: "tiny",
        options: {},
        settings: {
          type: "tiny",
          enabled: true,
          isolate: false,
          timeouts: { connectMs: 2_000, firstTokenMs: 60_000, idleMs: 30_000, totalMs: 600_000 },
          retry: { attempts: 3 },
          circuitBreaker: { failures: 5, failureRate: 0.5, cooldownMs: 30_000 },
          maxConcurrent: 64,
          maxQueue: 1000,
        },
      },
    ]);
  });

  it("keeps a backend's own keys apart from the common ones", () => {
    const { backends } = parseConfiguration(
      { backends: { far: { type: "remote", baseUrl: url, timeouts: { idleMs: 5 }, maxQueue: 0 } } },
      options,
    );
    expect(backends[0]).toMatchObject({
      name: "far",
      options: { baseUrl: url },
      settings: { timeouts: { connectMs: 2_000, firstTokenMs: 60_000, idleMs: 5 }, maxQueue: 0 },
    });
    expect(backends.map(({ name }) => name)).toEqual(["far", "tiny"]);
  });

  it("takes an entry that bears a type's name for one of this type", () => {
    const { backends } = parseConfiguration({ backends: { tiny: { enabled: false } } }, options);
    expect(backends).toMatchObject([{ name: "tiny", settings: { type: "tiny", enabled: false } }]);
  });

  it.each<[string, string]>([
    ["${KEY}", "secret"],
    ["Bearer ${KEY}!", "Bearer secret!"],
    ["${KEY:-other}", "secret"],
    ["${NONE:-other}", "other"],
    ["${EMPTY:-other}", "other"],
    ["${NONE:-}", ""],
    ["${NONE:-a:-b}", "a:-b"],
    ["$KEY and ${9}", "$KEY and ${9}"],
  ])("reads %s from the environment as %j", (written, read) => {
    const { backends } = parseConfiguration(
      { backends: { far: { type: "remote", baseUrl: url, apiKey: written } } },
      options,
    );
    expect(backends[0]?.options).toMatchObject({ apiKey: read });
  });

  it("reads a variable as a number, true or false where no text fits", () => {
    const { server, memory, backends } = parseConfiguration(
      {
        server: { port: "${PORT}", drainMs: "${NONE:-5}" },
        memory: { budget: "${PORT}" },
        backends: {
          far: { type: "remote", baseUrl: url, apiKey: "${PORT}", maxQueue: "${TWO}" },
          tiny: { threads: "${TWO}", enabled: "${OFF}", timeouts: { idleMs: "${PORT}" } },
        },
      },
      options,
    );
    expect(server).toMatchObject({ port: 4700, drainMs: 5 });
    expect(memory.budget).toBe(4700);
    expect(backends).toMatchObject([
      { options: { apiKey: "4700" }, settings: { maxQueue: 2 } },
      { options: { threads: 2 }, settings: { enabled: false, timeouts: { idleMs: 4700 } } },
    ]);
  });

  it.each<[string | number, number]>([
    [1024, 1024],
    ["512B", 512],
    ["8GB", 8_000_000_000],
    ["512 mb", 512_000_000],
    ["1.5KB", 1500],
    ["1TB", 1_000_000_000_000],
  ])("reads the size %j as %d bytes", (budget, bytes) => {
    expect(parseConfiguration({ memory: { budget } }, options).memory.budget).toBe(bytes);
  });

  it("may name models and defaults", () => {
    const written: ConfigurationInput = {
      models: [{ name: "assistant", targets: ["tiny/a"], timeouts: { totalMs: 1000 } }],
      defaults: { chat: "assistant", embedding: "tiny/Xenova/all-MiniLM-L6-v2" },
    };
    expect(parseConfiguration(written, options)).toMatchObject(written);
  });
});

describe("a kind that is less strict than it should be", () => {
  const kinds = { ...options, definitions: [loose] };
  const read = (entry: object) =>
    parseConfiguration({ backends: { box: { type: "loose", ...entry } } }, kinds).backends[0];

  it("has what is no address refused all the same, where it is written", () => {
    expect(() => read({ baseUrl: "127.0.0.1:8080" })).toThrow(
      "backends.box.baseUrl: Must be an address, which begins with http:// or https://.",
    );
  });

  it("costs its own backend where its schema throws", () => {
    expect(read({ baseUrl: url })).not.toHaveProperty("fault");
    expect(read({ baseUrl: url, key: "bad" })).toMatchObject({
      options: { baseUrl: url, key: "bad" },
      fault: { problem: "Its `config` throws: no key." },
    });
  });
});

describe("a configuration that is wrong", () => {
  it.each<[string, unknown, string[]]>([
    ["a text", "text", [": Must be an object, or a list of models, found string."]],
    ["a number", 42, [": Must be an object, or a list of models, found number."]],
    ["nothing", null, [": Must be an object, or a list of models, found null."]],
    ["a misspelt key", { backnds: {} }, ['backnds: Unknown key. Did you mean "backends"?']],
    [
      "a misspelt key of a backend's own",
      { backends: { far: { type: "remote", baseUrl: url, apikey: "x" } } },
      ['backends.far.apikey: Unknown key. Did you mean "apiKey"?'],
    ],
    [
      "another word for a key, misspelt too",
      { backends: { far: { type: "remote", baseUrl: url, api_url: url, apiUlr: url } } },
      [
        'backends.far.api_url: Unknown key. Did you mean "baseUrl"?',
        'backends.far.apiUlr: Unknown key. Did you mean "baseUrl"?',
      ],
    ],
    [
      "a misspelt key of any backend",
      { backends: { far: { type: "remote", baseUrl: url, maxQueu: 1 } } },
      ['backends.far.maxQueu: Unknown key. Did you mean "maxQueue"?'],
    ],
    [
      "a misspelt limit",
      { backends: { tiny: { timeouts: { idelMs: 1 } } } },
      ['backends.tiny.timeouts.idelMs: Unknown key. Did you mean "idleMs"?'],
    ],
    [
      "a limit longer than a timer can count",
      { backends: { tiny: { timeouts: { totalMs: 1e10 } } } },
      [
        "backends.tiny.timeouts.totalMs: Too big: expected number to be <=2147483647, found 10000000000.",
      ],
    ],
    [
      "an unknown type",
      { backends: { far: { type: "remot" } } },
      ['backends.far.type: Unknown type "remot". Did you mean "remote"?'],
    ],
    [
      "a type that is not known",
      { backends: { far: { type: "ollama" } } },
      ['backends.far.type: Unknown type "ollama". Known: tiny, remote.'],
    ],
    [
      "no type",
      { backends: { far: {} } },
      ["backends.far.type: Must name the kind of backend. Known: tiny, remote."],
    ],
    [
      "a backend that is none",
      { backends: { far: 5 } },
      ["backends.far: Expected object, found 5."],
    ],
    [
      "a slash in a backend's name",
      { backends: { "a/b": { type: "tiny" } } },
      ["backends.a/b: A backend's name holds no slash."],
    ],
    [
      "a backend without a name",
      { backends: { "": { type: "tiny" } } },
      ["backends.: A backend's name must not be empty."],
    ],
    [
      "a name that an object can't hold",
      JSON.parse('{ "backends": { "__proto__": { "type": "tiny" } } }'),
      ["backends.__proto__: Can't be a name."],
    ],
    [
      "a variable that is no number",
      { server: { port: "${KEY}" } },
      ["server.port: Expected number, found string."],
    ],
    [
      "a variable whose number is wrong",
      { server: { port: "${BIG}" } },
      ["server.port: Too big: expected number to be <=65535, found 70000."],
    ],
    [
      "a variable that is not set, in place of a number",
      { server: { port: "${NONE}" }, backends: { tiny: { threads: "${NONE}" } } },
      ["server.port", "backends.tiny.threads"].map(
        (path) =>
          `${path}: The environment variable NONE is not set, or empty. Set it, or give a default: \${NONE:-…}.`,
      ),
    ],
    [
      "a target of a kind that nobody configured",
      { defaults: { chat: "remote/x" } },
      [
        'defaults.chat: No backend is called "remote": it is a kind of backend that is not configured. Add "remote": {} to backends in the configuration.',
      ],
    ],
    [
      "a shape and references at once",
      {
        backend: {},
        backends: { far: { type: "remote" } },
        models: [{ name: "a", targets: ["tinny/x", 5] }, 7, { name: "a" }],
        defaults: { caht: "a", chat: 5, embedding: "far/x" },
      },
      [
        "models[0].targets[1]: Expected string or object, found number.",
        "models[1]: Expected object, found 7.",
        "models[2].targets: Missing: expected array.",
        "defaults.chat: Expected string, found number.",
        'backend: Unknown key. Did you mean "backends"?',
        "backends.far.baseUrl: Missing: expected string.",
        'models[0].targets[0]: No backend is called "tinny". Did you mean "tiny"?',
        'models[2].name: "a" is taken already.',
        'defaults.caht: Unknown capability. Did you mean "chat"?',
      ],
    ],
    [
      "a wrong value",
      { server: { port: 70_000 } },
      ["server.port: Too big: expected number to be <=65535, found 70000."],
    ],
    [
      "an address that needs keys",
      { server: { host: "0.0.0.0" } },
      [
        "server.host: Can be reached from other machines: give server.keys (`modelyard keys new <name>` makes one), or a loopback address.",
      ],
    ],
    [
      "a size that is none",
      { memory: { budget: "8 gigs" } },
      ['memory.budget: Must be a size such as "8GB".'],
    ],
    [
      "a size of nothing",
      { memory: { budget: "0GB" } },
      ["memory.budget: Must be more than nothing."],
    ],
    [
      "a variable that is not set",
      { backends: { far: { type: "remote", baseUrl: url, apiKey: "${NONE}" } } },
      [
        "backends.far.apiKey: The environment variable NONE is not set, or empty. Set it, or give a default: ${NONE:-…}.",
      ],
    ],
    [
      "a variable that is empty, in a list",
      { models: [{ name: "a", targets: ["tiny/${EMPTY}"] }] },
      [
        "models[0].targets[0]: The environment variable EMPTY is not set, or empty. Set it, or give a default: ${EMPTY:-…}.",
      ],
    ],
    [
      "a target whose backend is not there",
      { models: [{ name: "a", targets: ["tinny/x"] }] },
      ['models[0].targets[0]: No backend is called "tinny". Did you mean "tiny"?'],
    ],
    [
      "a target of a backend that is off",
      { backends: { tiny: { enabled: false } }, defaults: { chat: "tiny/x" } },
      [
        'defaults.chat: The backend "tiny" is switched off. Take "enabled": false out of its entry in the configuration.',
      ],
    ],
    [
      "a target without its backend",
      { models: [{ name: "a", targets: ["x"] }] },
      ["models[0].targets[0]: A target is written backend/model."],
    ],
    [
      "an alias that is taken",
      {
        models: [
          { name: "a", targets: ["tiny/x"] },
          { name: "a", targets: ["tiny/y"] },
        ],
      },
      ['models[1].name: "a" is taken already.'],
    ],
    [
      "a default for no capability",
      { defaults: { chta: "tiny/x" } },
      ['defaults.chta: Unknown capability. Did you mean "chat"?'],
    ],
    [
      "a misspelt alias",
      { models: [{ name: "assistant", targets: ["tiny/x"] }], defaults: { chat: "asistant" } },
      ['defaults.chat: No alias is called "asistant". Did you mean "assistant"?'],
    ],
  ])("%s", (_, written, problems) => {
    expect(problemsOf(written)).toEqual(problems);
  });

  it("is told of all its problems at once, in one error that names the file and shows no key", () => {
    const written = {
      discover: "yes",
      server: { port: "4600" },
      backends: { far: { type: "remote", baseUrl: "${KEY}" }, near: { type: "tiny", threads: 0 } },
    };
    expect(problemsOf(written).map((problem) => problem.split(":")[0])).toEqual([
      "discover",
      "server.port",
      "backends.far.baseUrl",
      "backends.near.threads",
    ]);
    expect(() => parseConfiguration(written, { ...options, file: "modelyard.json" })).toThrow(
      /^4 problems in modelyard\.json:\n(  .*\n?){4}$/,
    );
    expect(problemsOf(written).join()).not.toContain("secret");
  });
});

it.each([
  [undefined, "Mend the configuration."],
  ["modelyard.json", "Mend the file; `modelyard config check` tells when it is right."],
])("what is wrong in %s is to be mended there", (file, remedy) => {
  expect(invalidConfiguration([{ path: "a", message: "Is wrong." }], file).remedy).toBe(remedy);
});

it("names the package that may bring an unknown type, of those that are plugins by their name", () => {
  const written = { backends: { mine: { type: "acme" }, tiny: { maxQueu: 1 }, zed: {} } };
  const unnamed = ["modelyard-backend-acme", "modelyard-backend-tiny", "@x/modelyard-backend-zed"];
  const messages = problemsOf(written, { unnamed: () => unnamed });
  expect(messages).toEqual([
    expect.stringMatching(
      /^backends\.mine\.type: Unknown type "acme".*"plugins": \["modelyard-backend-acme"\]/,
    ),
    expect.stringMatching(/^backends\.tiny\.maxQueu: /),
    expect.stringMatching(/^backends\.zed\.type: Unknown type "zed".*"@x\/modelyard-backend-zed"/),
  ]);
});
