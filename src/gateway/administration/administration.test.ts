import { describe, expect, it } from "vitest";
import aiSdk from "../../backends/ai-sdk/index.ts";
import echo from "../../backends/echo.ts";
import huggingface from "../../backends/huggingface/index.ts";
import llamaCpp from "../../backends/llama-cpp/index.ts";
import ollama from "../../backends/ollama/index.ts";
import openAiCompatible from "../../backends/openai-compatible/index.ts";
import type { ModelyardError } from "../../contract/errors.ts";
import {
  createGate,
  createTestGateway,
  defineTestBackend,
  pausing,
  textOf,
} from "../__fixtures__/test-gateway.ts";
import type { Administrator, Change } from "../api.ts";
import type { ConfigurationInput } from "../configuration.ts";

const hello = { prompt: "hello there" };
const builtIn = [llamaCpp, huggingface, ollama, openAiCompatible, aiSdk, echo];
const none = {
  backends: { "llama-cpp": { enabled: false }, huggingface: { enabled: false } },
} satisfies ConfigurationInput;

function open(configuration: ConfigurationInput = {}) {
  return createTestGateway(builtIn, {
    ...configuration,
    backends: { ...none.backends, ...configuration.backends },
    server: { admin: true, ...configuration.server },
  });
}

/** A file with an alias of this name. */
const file = (alias: string): ConfigurationInput => ({
  backends: { ...none.backends, parrot: { type: "echo" } },
  models: [{ name: alias, targets: ["parrot/x"] }],
  server: { admin: true },
});

const setBackend = (name: string, entry: unknown): Change => ({ kind: "set-backend", name, entry });
const setModel = (entry: unknown): Change => ({ kind: "set-model", entry });

describe("who may change what runs", () => {
  it.each<[string, boolean, Administrator | undefined, RegExp]>([
    ["nobody where it is off", false, "local", /"admin": true under server/],
    ["nobody without a key", true, undefined, /server\.keys says "admin": true/],
    ["no key that does not say so", true, { name: "ci" }, /The key "ci" may not/],
  ])("%s", async (_, admin, by, says) => {
    const gateway = open({ server: { admin } });
    const error = await gateway
      .change(setBackend("new", { type: "echo" }), by)
      .catch((each) => each);
    expect(error).toMatchObject({ code: "forbidden" });
    expect(`${error.message} ${error.remedy}`).toMatch(says);
    expect(await gateway.backends()).toEqual([]);
  });

  it("nobody once the gateway is closing, and who asks is told so", async () => {
    const gateway = open();
    await gateway.close();
    await expect(
      gateway.change(setBackend("new", { type: "echo" }), "local"),
    ).rejects.toMatchObject({ code: "backend-unavailable" });
  });

  it("one with a key that says so, and the log tells it without what was said", async () => {
    const gateway = open();
    const entry = {
      type: "openai-compatible",
      baseUrl: "http://127.0.0.1:9/v1",
      apiKey: "s3cret-key",
    };
    await gateway.change(setBackend("new", entry), { name: "ops", admin: true });
    expect(gateway.lines).toEqual(['The key ops set the backend "new" while it runs.']);
    expect(JSON.stringify(await gateway.backends())).not.toContain("s3cret");
  });
});

describe("what is added while it runs", () => {
  it("is there at once, is marked, lies over the file, and can be taken out", async () => {
    const gateway = open({
      backends: { parrot: { type: "echo" } },
      models: [{ name: "a", targets: ["parrot/x"] }],
    });
    await gateway.change(setBackend("second", { type: "echo" }), "local");
    await gateway.change(setModel({ name: "a", targets: ["second/y"] }), "local");
    await gateway.change(setModel({ name: "b", targets: ["parrot/x", "second/y"] }), "local");
    expect((await gateway.call("chat", hello, { model: "a" })).target.backend).toBe("second");
    expect((await gateway.backends()).map(({ name, added }) => [name, added])).toEqual([
      ["parrot", undefined],
      ["second", true],
    ]);
    expect((await gateway.models()).map(({ name, added }) => [name, added])).toEqual([
      ["a", true],
      ["b", true],
    ]);
    await gateway.change({ kind: "remove-model", name: "b" }, "local");
    await gateway.change({ kind: "remove-backend", name: "parrot" }, "local");
    expect((await gateway.models()).map(({ name }) => name)).toEqual(["a"]);
    expect((await gateway.backends()).map(({ name }) => name)).toEqual(["second"]);
  });

  it("may be a model that brings its backend, which goes with it", async () => {
    const gateway = open({ models: [{ name: "own", backend_type: "echo" }] });
    const names = async () => (await gateway.backends()).map(({ name }) => name);
    const entry = { name: "mine", backend_type: "echo", capabilities: ["chat"], max_queue: 1 };
    await gateway.change(setModel(entry), "local");
    await gateway.change(setModel({ ...entry, capabilities: ["completion"] }), "local");
    expect((await gateway.models()).map(({ name, capabilities }) => [name, capabilities])).toEqual([
      ["own", ["chat", "completion", "classification"]],
      ["mine", ["completion"]],
    ]);
    // What is not offered may still be what something is made from.
    const { result } = await gateway.call("completion", hello, { model: "mine" });
    expect(result).toMatchObject({ finishReason: "stop" });
    await expect(gateway.call("chat", hello, { model: "mine" })).rejects.toMatchObject({
      code: "capability-not-supported",
      message: "mine/mine can't do chat; it can do completion.",
    });
    expect(await names()).toEqual(["own", "mine"]);
    await gateway.change({ kind: "remove-model", name: "mine" }, "local");
    await gateway.change({ kind: "remove-model", name: "own" }, "local");
    expect(await names()).toEqual([]);
  });

  it("stays over the file when that changes", async () => {
    const gateway = createTestGateway(builtIn, file("a"));
    await gateway.change(setModel({ name: "mine", targets: ["parrot/y"] }), "local");
    await gateway.change({ kind: "remove-model", name: "a" }, "local");
    await gateway.configure(file("b"));
    expect((await gateway.models()).map(({ name }) => name)).toEqual(["b", "mine"]);
  });

  it("uncovers the file's entry when it is taken out, and so does the file when it changes that entry", async () => {
    const gateway = createTestGateway(builtIn, file("a"));
    const targets = async () => (await gateway.models()).map(({ name, targets: to }) => [name, to]);
    const remove: Change = { kind: "remove-model", name: "a" };
    await gateway.change(setModel({ name: "a", targets: ["parrot/mine"] }), "local");
    expect((await gateway.configuration()).overFile).toEqual([
      { kind: "model", name: "a", change: "replaced" },
    ]);
    await gateway.change(remove, "local");
    expect(await targets()).toEqual([["a", ["parrot/x"]]]);
    expect((await gateway.configuration()).overFile).toBeUndefined();

    await gateway.change(remove, "local");
    expect(await targets()).toEqual([]);
    expect((await gateway.configuration()).overFile).toEqual([
      { kind: "model", name: "a", change: "removed" },
    ]);
    // Something else changes in the file: what was taken out stays so, and the log names it.
    await gateway.configure({ ...file("a"), defaults: { chat: "parrot/x" } });
    expect(await targets()).toEqual([]);
    expect(gateway.lines.at(-1)).toContain('the model "a" (removed)');
    await gateway.configure({ ...file("a"), models: [{ name: "a", targets: ["parrot/new"] }] });
    expect(await targets()).toEqual([["a", ["parrot/new"]]]);
    expect((await gateway.configuration()).overFile).toBeUndefined();
  });

  it("says which aliases have lost a backend that is taken out", async () => {
    const gateway = open({
      backends: { one: { type: "echo" }, two: { type: "echo" } },
      models: [
        { name: "a", targets: ["one/x", "two/x"] },
        { name: "b", targets: ["one/y"] },
        { name: "c", targets: ["two/x"] },
      ],
      defaults: { chat: "b", completion: "one/z" },
    });
    const { warnings } = await gateway.change({ kind: "remove-backend", name: "one" }, "local");
    expect(warnings).toEqual([
      'The model "a" has lost one/x: 1 of its targets is left.',
      'The model "b" has lost one/y: nothing is left of it.',
      "The default of completion, one/z, is gone.",
    ]);
    expect(gateway.lines).toEqual(expect.arrayContaining([...warnings]));
    await expect(gateway.call("chat", hello, { model: "b" })).rejects.toMatchObject({
      code: "model-not-found",
      message: 'The model "b" leads nowhere: No backend is called "one".',
      model: "b",
      remedy: "Change its targets, or bring the backend back. There are: two.",
    });
    // Who names nothing is not told of a backend as if they had named it.
    await expect(gateway.call("completion", hello, {})).rejects.toMatchObject({
      code: "model-not-found",
      message:
        'No model was named, and the default leads nowhere: defaults.completion is "one/z". No backend is called "one". A model is written backend/model.',
      backend: undefined,
      remedy: "Name a model, or change defaults.completion in the configuration. There are: two.",
    });
    await expect(gateway.call("chat", hello, {})).rejects.toMatchObject({
      code: "model-not-found",
      message:
        'No model was named, and the default leads nowhere: defaults.chat is "b". The model "b" leads nowhere: No backend is called "one".',
      backend: undefined,
    });
  });

  it("leaves calls under way what they began with", async () => {
    const gate = createGate();
    const slow = defineTestBackend("slow", { capabilities: { chat: pausing(gate) } });
    const gateway = createTestGateway([slow, echo], { server: { admin: true } });
    const { events } = await gateway.stream("chat", hello, { model: "slow/x" });
    await gateway.change(setBackend("slow", { type: "echo" }), "local");
    expect((await gateway.call("chat", hello, { model: "slow/x" })).result).toMatchObject({
      text: "hello there",
    });
    gate.open();
    expect(await textOf(events)).toBe("ab");
  });

  it.each<[string, Change, string]>([
    ["an unknown kind", setBackend("x", { type: "ecko" }), 'Did you mean "echo"?'],
    [
      "a misspelt key",
      setBackend("x", { type: "ollama", baseURL: "http://a" }),
      "baseURL: Unknown key",
    ],
    ["a name with a slash", setBackend("a/b", { type: "echo" }), "without a slash"],
    ["no object", setBackend("x", "echo"), "Must be an object"],
    ["a setting of another kind", setBackend("x", { type: "echo", isolate: "yes" }), "isolate"],
    [
      "a target whose backend is not there",
      setModel({ name: "m", targets: ["nowhere/x"] }),
      "targets[0]",
    ],
    ["a model without a target", setModel({ name: "m", targets: [] }), "An alias needs a target"],
    [
      "a model that brings a backend of a kind that is none",
      setModel({ name: "m", backend_type: "olama" }),
      'backend_type: Unknown type "olama". Did you mean "ollama"?',
    ],
    [
      "a model with a misspelt key of its backend",
      setModel({ name: "m", backend_type: "ollama", config: { api_ur: "http://a" } }),
      "config.api_ur: Unknown key",
    ],
    [
      "a variable in a model's backend",
      setModel({ name: "m", backend_type: "ollama", config: { api_url: "${HOME}" } }),
      "config.api_url: Holds a variable",
    ],
    [
      "a variable",
      setBackend("x", { type: "ollama", apiKey: "${HOME}" }),
      "apiKey: Holds a variable",
    ],
    [
      "a variable with a default",
      setModel({ name: "m${A:-b}", targets: ["x/y"] }),
      "Holds a variable",
    ],
  ])("is refused with what is wrong: %s", async (_, change, says) => {
    const gateway = open();
    const error = await gateway.change(change, "local").catch((each: ModelyardError) => each);
    expect(error).toMatchObject({ code: "invalid-request" });
    expect((error as ModelyardError).message).toContain(says);
    expect(await gateway.backends()).toEqual([]);
  });

  it("is refused where a model would take a backend's place", async () => {
    const gateway = open({ backends: { parrot: { type: "echo" } } });
    await expect(
      gateway.change(setModel({ name: "parrot", backend_type: "echo" }), "local"),
    ).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringContaining('name: "parrot" is a backend that is there'),
    });
  });

  it("is refused where there is nothing to take out", async () => {
    const gateway = open({ backends: { parrot: { type: "echo" } } });
    await expect(
      gateway.change({ kind: "remove-backend", name: "parot" }, "local"),
    ).rejects.toMatchObject({
      code: "model-not-found",
      message: expect.stringContaining('Did you mean "parrot"?'),
    });
  });
});

describe("no command, path, package and variable comes in while it runs", () => {
  const server = { type: "openai-compatible", baseUrl: "http://127.0.0.1:9/v1" };
  it.each<[string, object]>([
    ["auth.command", { ...server, auth: { type: "bearer", command: "touch /tmp/x" } }],
    ["auth.file", { ...server, auth: { type: "bearer", file: "/etc/passwd" } }],
    ["tls", { ...server, tls: { ca: "/etc/passwd" } }],
    ["modelsDir", { type: "llama-cpp", modelsDir: "/etc" }],
    ["cacheDir", { type: "huggingface", cacheDir: "/etc" }],
    ["runtime, python", { type: "huggingface", runtime: "python", python: "/bin/sh" }],
    ["ai-sdk", { type: "ai-sdk", provider: "evil" }],
  ])("%s", async (named, entry) => {
    const gateway = open();
    await expect(gateway.change(setBackend("x", entry), "local")).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining(named),
    });
    expect(await gateway.backends()).toEqual([]);
  });

  it("nor in a model that brings its backend", async () => {
    const { type, ...config } = { ...server, auth: { type: "bearer", file: "/etc/passwd" } };
    const gateway = open();
    const change = setModel({ name: "m", backend_type: type, config });
    await expect(gateway.change(change, "local")).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("config.auth.file"),
    });
  });

  it("nor a kind that does not say what it takes", async () => {
    const gateway = createTestGateway(
      { strange: { capabilities: {} } },
      { server: { admin: true } },
    );
    await expect(
      gateway.change(setBackend("x", { type: "strange" }), "local"),
    ).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it.each(["llama-cpp//etc/passwd", "llama-cpp/http://127.0.0.1/x.gguf", "llama-cpp/x.gguf"])(
    "nor a target that leads anywhere: %s",
    async (target) => {
      const gateway = open({ backends: { "llama-cpp": { enabled: true } } });
      await expect(
        gateway.change(setModel({ name: "m", targets: [target] }), "local"),
      ).rejects.toMatchObject({ code: "forbidden" });
    },
  );

  it("nor is a token of this machine sent where somebody else says", async () => {
    const gateway = open();
    const baseUrl = "https://anybodys.endpoints.huggingface.cloud";
    const entry = { type: "huggingface", mode: "remote", baseUrl };
    await expect(gateway.change(setBackend("x", entry), "local")).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringContaining("token: Must be given"),
    });
    await gateway.change(setBackend("x", { ...entry, token: "their-own" }), "local");
    expect(await gateway.backends()).toMatchObject([{ name: "x", url: baseUrl }]);
  });

  it("but what harms nobody does", async () => {
    const gateway = open();
    const auth = { type: "header", name: "api-key", value: "abc" };
    await gateway.change(setBackend("x", { ...server, auth, headers: { a: "b" } }), "local");
    expect(await gateway.backends()).toMatchObject([{ name: "x", url: "http://127.0.0.1:9/v1" }]);
  });
});
