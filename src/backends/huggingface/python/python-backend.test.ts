import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  all,
  contextOf,
  createPythonBackend,
  type PythonBackend,
  say,
} from "./__fixtures__/python-backend.ts";
import { writeStubModels } from "./__fixtures__/write-stub-models.ts";

const stubs = join(import.meta.dirname, "__fixtures__", "stubs");
const original = "sentence-transformers/all-MiniLM-L6-v2";
const secret = "a prompt that must not be seen";
const never = new AbortController().signal;

function pythonAnswers(): boolean {
  try {
    execFileSync("python3", ["-c", "import sys; assert sys.version_info >= (3, 9)"]);
    return true;
  } catch {
    process.stderr.write("skipped: there is no python3 of version 3.9 or newer\n");
    return false;
  }
}

/** The child tells it by what its stub answers. */
async function pidOf({ backend }: PythonBackend): Promise<number> {
  const [first] = await all(backend.capabilities.chat!(say("pid"), contextOf("test/llama")));
  return first?.type === "text-delta" ? Number(first.text) : 0;
}

/** A process whose parent is gone stays listed as a zombie where nothing fetches it. */
function isRunning(pid: number): boolean {
  try {
    const state = execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    return !state.trim().startsWith("Z");
  } catch {
    return false; // ps fails where there is no such process
  }
}

/** The worker itself runs, under the system's Python; the libraries are stubs. */
describe.skipIf(!pythonAnswers())("models in a Python child", () => {
  let cacheDir: string;
  let python: PythonBackend;

  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "modelyard-python-"));
    await writeStubModels(cacheDir);
    await cp(join(cacheDir, "test", "sentences"), join(cacheDir, original), { recursive: true });
    vi.stubEnv("PYTHONPATH", stubs);
    python = createPythonBackend({ cacheDir, python: "python3" });
  });
  afterAll(async () => {
    await python.backend.shutdown?.();
    vi.unstubAllEnvs();
    await rm(cacheDir, { recursive: true, force: true });
  });
  beforeEach(() => {
    python.lines.length = 0;
    python.lost.length = 0;
  });

  function chat(request: object, model = "test/llama", more: object = {}) {
    const { chat: handler } = python.backend.capabilities;
    return handler!(request as Parameters<NonNullable<typeof handler>>[0], contextOf(model, more));
  }

  /** Standard error comes by a pipe of its own, perhaps after the answer. */
  function untilLogged(words: string): Promise<void> {
    return expect.poll(() => python.lines.join("\n"), { timeout: 5_000 }).toContain(words);
  }

  /** What the library was called with, by the stub's answer. */
  async function optionsSaid(request: object): Promise<string> {
    const events = await all(chat({ ...say("options"), ...request }));
    return events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
  }

  it("lists what is there, with what each can do, before anything runs", async () => {
    const models = await createPythonBackend({ cacheDir }).backend.listModels!(never);
    const facts = models.map(({ name, capabilities, installed }) => [
      name,
      capabilities,
      installed,
    ]);
    expect(facts).toContainEqual(["test/llama", ["chat", "completion"], true]);
    expect(facts).toContainEqual(["test/sentences", ["embedding"], true]);
    expect(facts).toContainEqual(["test/nli", ["classification"], true]);
    expect(facts).toContainEqual(["test/picture", [], true]);
  });

  it("answers a conversation by the model's template, a token at a time", async () => {
    expect(await all(chat(say("hello")))).toEqual([
      { type: "text-delta", text: "one" },
      { type: "text-delta", text: " two" },
      { type: "text-delta", text: " three" },
      { type: "finish", reason: "stop", usage: { inputTokens: 2, outputTokens: 4 } },
    ]);
    const thought = await all(chat(say("hello"), "test/boundless"));
    expect(thought.map((event) => event.type)).toEqual(["reasoning-delta", "text-delta", "finish"]);
  });

  it("continues a text, with the blank between the two", async () => {
    const { completion } = python.backend.capabilities;
    const events = await all(
      completion!({ prompt: "hello", maxTokens: 2 }, contextOf("test/llama")),
    );
    expect(events).toEqual([
      { type: "text-delta", text: " one" },
      { type: "text-delta", text: " two" },
      { type: "finish", reason: "length", usage: { inputTokens: 1, outputTokens: 2 } },
    ]);
  });

  it("hands on how to choose the tokens, and computes with the threads that are configured", async () => {
    const providerOptions = { huggingface: { topK: 7, repetitionPenalty: 1.5 } };
    const sampled = await optionsSaid({ temperature: 0.5, topP: 0.9, seed: 11, providerOptions });
    for (const part of ["do_sample=True", "temperature=0.5", "top_p=0.9", "top_k=7", "seed=11"])
      expect(sampled).toContain(part);
    expect(sampled).toContain("repetition_penalty=1.5");
    expect(sampled).toContain("threads=1");
    expect(await optionsSaid({ temperature: 0 })).toContain("do_sample=False");
  });

  it("ends at a stop text, and tells the child to stop", async () => {
    const events = await all(chat({ ...say("forever"), stop: ["tick tick tick"] }, "test/endless"));
    expect(events.at(-1)).toMatchObject({ type: "finish", reason: "stop" });
    // the child is free for others
    expect(await all(chat(say("hello")))).toHaveLength(4);
    await untilLogged("stopped by its criterion");
  });

  it("stops generating when the caller leaves", async () => {
    const controller = new AbortController();
    const answer = chat(say("forever"), "test/endless", { signal: controller.signal });
    const events = answer[Symbol.asyncIterator]();
    await events.next();
    controller.abort();
    await expect(events.next()).rejects.toMatchObject({ code: "cancelled" });
    await all(chat(say("hello")));
    await untilLogged("stopped by its criterion");
  });

  it("makes vectors of length 1 with the model's own prompts, in the order of the texts", async () => {
    const { embedding } = python.backend.capabilities;
    const input = ["a b c", "a"];
    const { embeddings, usage } = await embedding!(
      { input, purpose: "query" },
      contextOf("test/sentences"),
    );
    const expected = [3, 1].map((words) =>
      [words, 6].map((value) => expect.closeTo(value / Math.hypot(words, 6), 6) as number),
    );
    expect(embeddings).toEqual(expected);
    expect(usage).toEqual({ inputTokens: 6 });
    const many = Array.from({ length: 40 }, (_, index) => "a ".repeat((index % 5) + 1).trim());
    const all40 = await embedding!({ input: many, dimensions: 1 }, contextOf("test/sentences"));
    expect(all40.embeddings).toEqual(many.map(() => [1]));
    await expect(embedding!({ input: ["nan"] }, contextOf("test/sentences"))).rejects.toMatchObject(
      {
        code: "invalid-response",
        message: "The model computed numbers that are none.",
      },
    );
  });

  it("runs what a model of the catalogue was converted from, by either name", async () => {
    const { embedding } = python.backend.capabilities;
    for (const name of ["all-minilm-l6-v2", original])
      expect((await embedding!({ input: ["a"] }, contextOf(name))).embeddings).toHaveLength(1);
    const loaded = (await python.backend.listModels!(never)).filter((model) => model.loaded);
    expect(loaded.map(({ name }) => name)).toContain(original);
    await python.backend.unload?.("all-minilm-l6-v2");
    const models = await python.backend.listModels!(never);
    expect(models.find(({ name }) => name === original)?.loaded).toBe(false);
  });

  it("classifies by a classifier's own labels, and by any with NLI", async () => {
    const { classification } = python.backend.capabilities;
    const own = await classification!({ input: "so good" }, contextOf("test/sentiment"));
    expect(own.labels[2]).toEqual({ label: "GOOD", score: expect.closeTo(0.9096, 3) });
    expect(own.usage).toEqual({ inputTokens: 2 });
    const labels = ["good", "dull"];
    const any = await classification!({ input: "so", labels }, contextOf("test/nli"));
    expect(any.labels.map(({ label }) => label)).toEqual(labels);
    const request = { input: "so", labels, multiLabel: true };
    const several = await classification!(request, contextOf("test/nli"));
    expect(several.labels[1]?.score).toBeCloseTo(0.5, 6);
  });

  it("refuses what is too long with the counts, and what a model or its template can't do", async () => {
    const { embedding } = python.backend.capabilities;
    await expect(
      embedding!({ input: ["a", "b ".repeat(9)] }, contextOf("test/sentences")),
    ).rejects.toMatchObject({
      code: "context-length-exceeded",
      message: "Text 2 of 2 has 9 tokens, and test/sentences takes 8.",
      details: { inputTokens: 9, contextTokens: 8 },
    });
    await expect(all(chat(say("a ".repeat(70))))).rejects.toMatchObject({
      code: "context-length-exceeded",
    });
    const system = { role: "system", content: [{ type: "text", text: secret }] };
    await expect(all(chat({ messages: [system] }))).rejects.toMatchObject({
      code: "invalid-request",
      message: "The template of test/llama does not take these messages: No system message.",
    });
    await expect(all(chat(say("a"), "test/sentiment"))).rejects.toMatchObject({
      code: "capability-not-supported",
    });
    await expect(all(chat(say("a"), "test/picture"))).rejects.toMatchObject({
      code: "capability-not-supported",
      message: "test/picture is of no use here: it is a ViTForImageClassification.",
    });
    await expect(all(chat(say("a"), "test/lama"))).rejects.toMatchObject({
      code: "model-not-found",
      message: expect.stringContaining('Did you mean "test/llama"?'),
    });
  });

  it("says what fails in Python without the prompt, there or in the log", async () => {
    const failed: unknown = await all(chat(say(`${secret} fail`))).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: "backend-error",
      message: "The model failed in Python (RuntimeError).",
    });
    expect(JSON.stringify(failed) + python.lines.join("\n")).not.toContain(secret);
    await expect(all(chat(say("exhaust")))).rejects.toMatchObject({ code: "insufficient-memory" });
    await expect(all(chat(say("a"), "test/broken"))).rejects.toMatchObject({
      code: "storage-failed",
      message: expect.stringContaining("model.safetensors is cut short"),
    });
  });

  it("fails at once when the child dies, and starts another for the next call", async () => {
    const context = { signal: never, progress: () => undefined };
    expect(await python.backend.load?.("test/endless", context)).toEqual({ memoryBytes: 1000 });
    const pid = await pidOf(python);
    const answer = chat(say("forever"), "test/endless");
    const events = answer[Symbol.asyncIterator]();
    await events.next();
    process.kill(pid, "SIGKILL");
    const begun = performance.now();
    const rest = (async () => {
      while ((await events.next()).done !== true);
    })();
    await expect(rest).rejects.toMatchObject({
      code: "backend-error",
      message: expect.stringContaining("was ended by SIGKILL"),
    });
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(python.lost).toEqual([undefined]);
    expect(await all(chat(say("hello")))).toHaveLength(4);
    await expect(all(chat(say(`${secret} crash`)))).rejects.toMatchObject({
      code: "backend-error",
      message: "The Python of huggingface exited with code 7 before it had answered.",
    });
    expect(await all(chat(say("hello")))).toHaveLength(4);
  });

  it.skipIf(process.platform === "win32")("ends when its parent is killed", async () => {
    const script = join(import.meta.dirname, "__fixtures__", "dying-parent.ts");
    const stdio = ["ignore", "pipe", "inherit"] as const;
    const parent = spawn(process.execPath, [script, cacheDir], { stdio: [...stdio] });
    const [printed] = (await once(parent.stdout!, "data")) as [Buffer];
    const pid = Number.parseInt(printed.toString(), 10);
    expect(isRunning(pid)).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);
  });

  it("unloads a model, and ends its calls; the child goes when it is shut down", async () => {
    const own = createPythonBackend({ cacheDir, python: "python3" });
    const { chat: handler } = own.backend.capabilities;
    const events = handler!(say("forever"), contextOf("test/endless"))[Symbol.asyncIterator]();
    await events.next();
    const unloaded = own.backend.unload?.("test/endless");
    await expect(events.next()).rejects.toMatchObject({ code: "cancelled" });
    await unloaded;
    const pid = await pidOf(own);
    await own.backend.shutdown?.();
    expect(own.lost).toEqual([]);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("says which package is missing, of which Python, and the command that brings it", async () => {
    const lacking = join(cacheDir, "lacking");
    await mkdir(lacking);
    await writeFile(
      join(lacking, "sentence_transformers.py"),
      'raise ModuleNotFoundError("No module", name="sentence_transformers")',
    );
    vi.stubEnv("PYTHONPATH", [lacking, stubs].join(delimiter));
    const bare = createPythonBackend({ cacheDir, python: "python3" });
    const { embedding } = bare.backend.capabilities;
    const asked = embedding!({ input: ["a"] }, contextOf("test/sentences"));
    await expect(asked).rejects.toMatchObject({
      code: "backend-unavailable",
      message: expect.stringMatching(
        /^The Python package sentence-transformers is not installed for .*python.*\.$/,
      ),
      remedy: expect.stringMatching(
        /^Install it with `.*python.* -m pip install sentence-transformers`\.$/,
      ),
    });
    vi.stubEnv("PYTHONPATH", stubs);
    await bare.backend.shutdown?.();
  });
});
