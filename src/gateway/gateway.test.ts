import { describe, expect, it } from "vitest";
import {
  createTestGateway as gatewayOf,
  echoing,
  saying,
  textOf,
} from "./__fixtures__/test-gateway.ts";

const hello = { prompt: "hello there" };

function broken(): never {
  throw new Error("no listener of mine");
}

describe("a call", () => {
  it("is answered by the named model, collected or streamed", async () => {
    const gateway = gatewayOf({ echo: echoing });
    const answer = await gateway.call("chat", hello, { model: "echo/any", id: "mine" });
    expect(answer).toEqual({
      id: "mine",
      attempts: 1,
      target: { backend: "echo", model: "any" },
      warnings: [],
      result: { text: "hello there", finishReason: "stop", usage: { outputTokens: 2 } },
    });
    const { events } = await gateway.stream("chat", hello, { model: "echo/any" });
    expect(await textOf(events)).toBe("hello there");
  });

  it("is derived where the backend lacks the capability", async () => {
    const { result } = await gatewayOf({ echo: echoing }).call(
      "completion",
      { prompt: "once" },
      { model: "echo/any" },
    );
    expect(result).toMatchObject({ text: "Continue this text:\n\nonce" });
  });

  it.each<[string, string, unknown, object, string]>([
    ["of no capability", "chta", hello, {}, 'There is no capability "chta". Did you mean "chat"?'],
    [
      "with a request that is wrong",
      "chat",
      { promt: "x" },
      {},
      'promt: Unknown key. Did you mean "prompt"?',
    ],
    [
      "with a limit that is none",
      "chat",
      hello,
      { timeoutMs: 0 },
      "timeoutMs must be above 0, found 0.",
    ],
    [
      "with a limit that is no number",
      "chat",
      hello,
      { timeoutMs: Number.NaN },
      "timeoutMs must be above 0, found NaN.",
    ],
    [
      "with a privacy that is none",
      "chat",
      hello,
      { privacy: "local" },
      'privacy: Must be device, network or remote. Found "local".',
    ],
  ])("%s is refused before anything is done", async (_, capability, request, options, message) => {
    const gateway = gatewayOf({ echo: echoing });
    const refused = gateway.call(capability, request, { model: "echo/any", ...options });
    await expect(refused).rejects.toMatchObject({ code: "invalid-request" });
    await expect(refused).rejects.toThrow(message);
    expect(gateway.states).toEqual([]);
  });

  it("that answers at once can't be streamed", async () => {
    await expect(
      gatewayOf({ echo: echoing }).stream("embedding", { input: "x" }, { model: "echo/any" }),
    ).rejects.toThrow("embedding answers at once and can't be streamed.");
  });

  it("for what a model can't do says what it can", async () => {
    await expect(
      gatewayOf({ echo: echoing }).call("embedding", { input: "x" }, { model: "echo/any" }),
    ).rejects.toMatchObject({
      code: "capability-not-supported",
      message: "echo/any can't do embedding; it can do chat, completion, classification.",
    });
  });

  it("is not broken by those who listen to it", async () => {
    const gateway = gatewayOf({
      echo: {
        capabilities: {
          async *chat(request, context) {
            context.progress({ phase: "prompt", doneTokens: 1, totalTokens: 2 });
            yield* saying("hi")(request, context);
          },
        },
      },
    });
    gateway.on("call", broken);
    gateway.on("state", broken);
    const answer = await gateway.call("chat", hello, { model: "echo/x", onProgress: broken });
    expect(answer.result).toMatchObject({ text: "hi" });
    expect(gateway.lines.filter((line) => line.includes("a listener of"))).toHaveLength(4);
    await gateway.close();
  });

  it("tells of calls that were refused before a target was found", async () => {
    const gateway = gatewayOf({ echo: echoing });
    await gateway.call("chat", {}, { model: "echo/any", id: "empty" }).catch(() => {});
    await gateway.call("chat", hello, { model: "nobody/any", id: "lost" }).catch(() => {});
    expect(gateway.explain("empty")).toMatchObject({ outcome: "invalid-request", attempts: 0 });
    expect(gateway.explain("lost")).toMatchObject({
      outcome: "model-not-found",
      requested: "nobody/any",
      steps: [],
    });
  });

  it("tells those who listen what became of it, until they no longer do", async () => {
    const gateway = gatewayOf({ echo: echoing });
    const outcomes: string[] = [];
    const off = gateway.on("call", ({ id, outcome }) => outcomes.push(`${id} ${outcome}`));
    await gateway.call("chat", hello, { model: "echo/x", id: "1" });
    off();
    await gateway.call("chat", hello, { model: "echo/x", id: "2" });
    expect(outcomes).toEqual(["1 done"]);
  });
});
