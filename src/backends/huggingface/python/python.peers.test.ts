import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingredientCommand } from "../../../../test/peers/ingredient-command.ts";
import { MissingIngredient } from "../../../../test/peers/missing-ingredient.ts";
import { peersFolder } from "../../../../test/peers/peers-folder.ts";
import { skipWithout } from "../../../../test/peers/skip-without.ts";
import {
  all,
  contextOf,
  createPythonBackend,
  type PythonBackend,
  say,
} from "./__fixtures__/python-backend.ts";

const writer = join(import.meta.dirname, "__fixtures__", "write_tiny_models.py");

/** A virtual environment with sentence-transformers in it, which a person puts there: it is gigabytes. */
async function pythonWithLibraries(): Promise<string> {
  const folder = await peersFolder("python-transformers");
  const python = join(folder, "bin", "python");
  if (!existsSync(python))
    throw new MissingIngredient(
      `there is no Python with sentence-transformers; make one with: python3 -m venv ${folder} && ${folder}/bin/pip install sentence-transformers`,
    );
  await ingredientCommand(
    python,
    ["-c", "import sentence_transformers"],
    `${python} lacks sentence-transformers`,
  );
  return python;
}

async function textOf(events: AsyncIterable<{ type: string; text?: string }>): Promise<string> {
  return (await all(events)).map(({ text = "" }) => text).join("");
}

/** What the weights give is chance; that it is the same by another way, and what surrounds it, is not. */
describe.skipIf(await skipWithout(pythonWithLibraries))(
  "real transformers in a Python child",
  () => {
    let cacheDir: string;
    let python: PythonBackend;
    let interpreter: string;

    beforeAll(async () => {
      interpreter = await pythonWithLibraries();
      cacheDir = await mkdtemp(join(tmpdir(), "modelyard-real-python-"));
      await ingredientCommand(interpreter, ["-B", writer, cacheDir], "no models could be written");
      python = createPythonBackend({ cacheDir, python: interpreter });
    });
    afterAll(async () => {
      await python?.backend.shutdown?.();
      await rm(cacheDir, { recursive: true, force: true });
    });

    function chat(request: object, more: object = {}) {
      const { chat: handler } = python.backend.capabilities;
      const messages = say("hello world");
      return handler!({ ...messages, ...request }, contextOf("test/llama", more));
    }

    it("streams an answer, the same for the same seed, as long as was asked for", async () => {
      const events = await all(chat({ maxTokens: 8 }));
      expect(events.filter(({ type }) => type === "text-delta").length).toBeGreaterThan(4);
      expect(events.at(-1)).toEqual({
        type: "finish",
        reason: "length",
        usage: { inputTokens: 6, outputTokens: 8 },
      });
      const request = { maxTokens: 8, temperature: 1.5, seed: 1 };
      const first = await textOf(chat(request));
      expect(await textOf(chat(request))).toBe(first);
      const others = await Promise.all([2, 3, 4].map((seed) => textOf(chat({ ...request, seed }))));
      expect(others.some((text) => text !== first)).toBe(true);
    });

    it("stops at a stop text and when the caller leaves, and is soon free for the next", async () => {
      const said = await textOf(chat({ maxTokens: 8 }));
      const stop = said.trim().split(" ").at(-1)!;
      expect(await textOf(chat({ stop: [stop] }))).toBe(said.slice(0, said.indexOf(stop)));
      const controller = new AbortController();
      const events = chat({}, { signal: controller.signal })[Symbol.asyncIterator]();
      await events.next();
      controller.abort();
      await expect(events.next()).rejects.toMatchObject({ code: "cancelled" });
      const begun = performance.now();
      await all(chat({ maxTokens: 1 }));
      // the whole window would take much longer
      expect(performance.now() - begun).toBeLessThan(5_000);
    });

    it("continues a text", async () => {
      const { completion } = python.backend.capabilities;
      const request = { prompt: "hello world", maxTokens: 4 };
      const events = await all(completion!(request, contextOf("test/llama")));
      expect(events.at(-1)).toMatchObject({ usage: { inputTokens: 2, outputTokens: 4 } });
    });

    it("makes the vectors that sentence-transformers makes", async () => {
      const texts = ["hello world", "good", "I hate politics and sports it is bad"];
      const program = [
        "import json, sys, sentence_transformers",
        "model = sentence_transformers.SentenceTransformer(sys.argv[1], device='cpu')",
        "print(json.dumps(model.encode(sys.argv[2:], normalize_embeddings=True).tolist()))",
      ].join("\n");
      const folder = join(cacheDir, "test", "sentences");
      const printed = await ingredientCommand(
        interpreter,
        ["-c", program, folder, ...texts],
        "fails",
      );
      const expected = JSON.parse(printed) as number[][];
      const { embedding } = python.backend.capabilities;
      const { embeddings } = await embedding!({ input: texts }, contextOf("test/sentences"));
      for (const [index, vector] of expected.entries())
        expect(embeddings[index]).toEqual(
          vector.map((value) => expect.closeTo(value, 5) as number),
        );
      await expect(
        embedding!({ input: ["a ".repeat(40)] }, contextOf("test/sentences")),
      ).rejects.toMatchObject({
        code: "context-length-exceeded",
        details: { inputTokens: 42, contextTokens: 32 },
      });
    });

    it("classifies by own labels, the same whether alone or beside others, and by NLI", async () => {
      const { classification } = python.backend.capabilities;
      const own = await classification!({ input: "I love it" }, contextOf("test/sentiment"));
      expect(own.labels.map(({ label }) => label)).toEqual(["NEGATIVE", "POSITIVE"]);
      expect(own.labels.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6);
      const score = async (labels: string[]) => {
        const request = { input: "vote", labels, multiLabel: true };
        return (await classification!(request, contextOf("test/nli"))).labels[0]?.score;
      };
      // padding must not count
      const alone = await score(["sports"]);
      expect(await score(["sports", "politics is good love bad hate"])).toBeCloseTo(alone!, 5);
    });

    it("unloads what it has loaded", async () => {
      const context = { signal: new AbortController().signal, progress: () => undefined };
      const loaded = await python.backend.load?.("test/nli", context);
      expect(loaded).toEqual({ memoryBytes: expect.any(Number) });
      await python.backend.unload?.("test/nli");
      const models = await python.backend.listModels!(context.signal);
      expect(models.find(({ name }) => name === "test/nli")?.loaded).toBe(false);
    });
  },
);
