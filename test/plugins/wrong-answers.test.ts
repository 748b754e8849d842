import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveFolder, type ServedFolder } from "./serve-folder.ts";

/** Each of its models answers wrongly in its own way; the capability beside it collects what its own schema refuses. */
const wrong = `import { defineBackend, defineCapability, z } from "modelyard/backend";
const usage = {};
export default [
  defineBackend({
    type: "wrong", config: z.strictObject({}), sends: "nothing",
    create: ({ name }) => ({
      listModels: async () =>
        name.startsWith("listless") ? { models: ["small"] } : ["unnamed", "endless", "changed"].map((name) => ({ name })),
      healthCheck: async () => "fine",
      capabilities: {
        async *chat(request, { model }) {
          if (model === "changed" && request.messages.push("more") !== 2) throw new Error("seen before");
          yield { type: "text-delta", text: "well" };
          if (model === "changed") throw new Error("once more, please");
          yield { type: "text-delta", ...(model === "unnamed" ? { content: "no" } : { text: "yes" }) };
          yield { type: "finish", reason: model === "endless" ? "eos" : "stop", usage };
        },
        embedding: async () => ({ embeddings: [[1]], usage }),
        shout: async ({ text }) => ({ text }),
      },
    }),
  }),
  defineCapability({
    name: "shout", description: "Shouts.",
    names: { tool: "shout", route: "/v1/shout", verb: "shout" },
    request: z.object({ text: z.string() }), output: z.object({ text: z.string() }),
    result: z.object({ loud: z.string() }),
    text: { input: "text", ofResult: ({ loud }) => loud },
    collect: ({ text }) => ({ LOUD: text }),
  }),
];`;

let served: ServedFolder;

beforeAll(async () => {
  const retry = { attempts: 1 };
  const backends = {
    wrong: { retry },
    walled: { type: "wrong", isolate: true, retry },
    again: { type: "wrong" },
    listless: { type: "wrong", retry },
    "listless-walled": { type: "wrong", isolate: true, retry },
  };
  served = await serveFolder({ plugins: ["./wrong.ts"], backends }, { "wrong.ts": wrong });
});
afterAll(() => served[Symbol.asyncDispose]());

async function ask(route: string, body: object): Promise<string> {
  const answer = await fetch(`${served.url}${route}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.text();
}

describe.each(["wrong", "walled"])("what a plugin's backend %s answers", (backend) => {
  it("wrongly in mid-stream ends in one clear error, and nothing that is no JSON", async () => {
    const messages = [{ role: "user", content: "hi" }];
    const chat = { model: `${backend}/unnamed`, messages, stream: true };
    const said = await ask("/v1/chat/completions", chat);
    const events = said.match(/(?<=^data: )\{.*/gm) ?? [];
    const parsed = events.map((each) => JSON.parse(each) as object);
    expect(parsed.at(-1)).toMatchObject({
      error: { code: "invalid-response", message: expect.stringContaining("text: Missing") },
    });
    expect(said).not.toContain("undefined");
  });

  it.each<[string, string, object, string]>([
    [
      "a word that is none",
      "/v1/chat/completions",
      { model: "endless" },
      "reason: Expected one of",
    ],
    ["too few vectors", "/v1/embeddings", { input: ["a", "b"] }, "1 vector for 2 texts"],
    ["a result of another form", "/v1/shout", { text: "hi" }, "shout result: loud: Missing"],
  ])("with %s is refused, with the place", async (_, route, request, problem) => {
    const { model = "unnamed", ...rest } = request as { model?: string };
    const messages = route.includes("chat") ? [{ role: "user", content: "hi" }] : undefined;
    const said = await ask(route, { model: `${backend}/${model}`, messages, ...rest });
    expect(JSON.parse(said)).toMatchObject({
      error: { code: "invalid-response", message: expect.stringContaining(problem) },
    });
  });

  it("of its health says what is wrong with it", async () => {
    const report = (await served.gateway.backends()).find(({ name }) => name === backend);
    expect(report?.reason).toContain("Invalid answer of healthCheck");
  });
});

it("a request that a handler changes is a new one for the next try", async () => {
  await expect(
    served.gateway.call("chat", { prompt: "hi" }, { model: "again/changed" }),
  ).rejects.toMatchObject({ code: "backend-error", message: "once more, please" });
});

it.each(["listless", "listless-walled"])("a list of %s that is none is told", async (backend) => {
  const model = `${backend}/small`;
  await expect(served.gateway.call("chat", { prompt: "hi" }, { model })).rejects.toThrow(
    "Invalid answer of listModels: Expected array, found object.",
  );
});
