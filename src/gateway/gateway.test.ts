import { describe, expect, it } from "vitest";
import echo from "../backends/echo.ts";
import { builtInCapabilities } from "../contract/capabilities.ts";
import { createGateway } from "./gateway.ts";
import { parseConfiguration } from "./parse-configuration.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function echoGateway(configuration: unknown = { backends: { echo: { type: "echo" } } }) {
  const definitions = [echo];
  const capabilities = builtInCapabilities.map(({ name }) => name);
  return createGateway({
    configuration: parseConfiguration(configuration, { definitions, capabilities }),
    definitions,
    log: silent,
  });
}

describe("createGateway", () => {
  it("answers a call, and a stream, from the named model", async () => {
    const gateway = echoGateway();
    const answer = await gateway.call("chat", { prompt: "hello there" }, { model: "echo/any" });
    expect(answer).toMatchObject({
      target: { backend: "echo", model: "any" },
      result: { text: "hello there", finishReason: "stop" },
    });
    const { events } = await gateway.stream(
      "chat",
      { prompt: "hello there" },
      { model: "echo/any" },
    );
    const seen = [];
    for await (const event of events) seen.push(event);
    expect(seen).toEqual([
      { type: "text-delta", text: "hello " },
      { type: "text-delta", text: "there" },
      { type: "finish", reason: "stop", usage: { outputTokens: 2 } },
    ]);
    await gateway.close();
  });

  it("derives completion from chat", async () => {
    const { result } = await echoGateway().call(
      "completion",
      { prompt: "once" },
      { model: "echo/any" },
    );
    expect(result).toMatchObject({ text: "Continue this text:\n\nonce" });
  });
});
