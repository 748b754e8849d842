import { describe, expect, it } from "vitest";
import { calling, saying } from "../saying.ts";
import type { ServedPort } from "../serve-port.ts";
import { openClient } from "./open-client.ts";
import { askedOf, messages, upstream } from "./requests.ts";

const weather = {
  type: "function" as const,
  function: {
    name: "get_weather",
    description: "The weather of a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

/** Tools that OpenAI's own client offers, and runs. */
export function describeTools(port: ServedPort): void {
  const client = openClient(port);

  describe("tools", () => {
    it("are called by a model that runs here, and its results are taken", async () => {
      const calls = {
        model: "llama-cpp/tiny-tool.gguf",
        messages,
        tools: [weather],
        temperature: 0,
      };
      const { choices } = await client.chat.completions.create(calls);
      const [choice] = choices;
      expect(choice).toMatchObject({
        finish_reason: "tool_calls",
        message: {
          content: null,
          tool_calls: [
            {
              type: "function",
              function: { name: "get_weather", arguments: JSON.stringify({ city: "Paris" }) },
            },
          ],
        },
      });
      const id = choice!.message.tool_calls![0]!.id;
      const result = { role: "tool" as const, tool_call_id: id, content: "18 °C" };
      const streamed = client.chat.completions.stream({
        ...calls,
        messages: [...messages, choice!.message, result],
      });
      const called = (await streamed.finalChatCompletion()).choices[0]?.message.tool_calls;
      expect(called).toHaveLength(1);
    });

    it("are run by the client's own loop, several at once", async () => {
      port.upstream.use([
        calling(["get_weather", { city: "Oslo" }], ["get_weather", { city: "Rome" }]),
        saying([{ delta: { content: "Cold and warm." } }]),
      ]);
      const cities: string[] = [];
      const runner = client.chat.completions.runTools({
        ...upstream,
        stream: true,
        tools: [
          {
            type: "function",
            function: {
              ...weather.function,
              parse: JSON.parse,
              function: ({ city }: { city: string }) => {
                cities.push(city);
                return `weather of ${city}`;
              },
            },
          },
        ],
      });
      expect(await runner.finalContent()).toBe("Cold and warm.");
      expect(cities).toEqual(["Oslo", "Rome"]);
      expect(askedOf(port)["messages"]).toMatchObject([
        { role: "user" },
        { role: "assistant", tool_calls: [{ id: "call_0" }, { id: "call_1" }] },
        { role: "tool", tool_call_id: "call_0", content: "weather of Oslo" },
        { role: "tool", tool_call_id: "call_1", content: "weather of Rome" },
      ]);
    });

    it("are called one at a time where no more are wanted, whatever the model does", async () => {
      port.upstream.use([calling(["get_weather", { city: "Oslo" }], ["get_weather", {}])]);
      const { data, response } = await client.chat.completions
        .create({ ...upstream, tools: [weather], parallel_tool_calls: false })
        .withResponse();
      expect(askedOf(port)).toMatchObject({ parallel_tool_calls: false });
      expect(data.choices[0]?.message.tool_calls).toMatchObject([{ id: "call_0" }]);
      expect(response.headers.get("x-modelyard-warnings")).toContain("2 calls at once");
    });
  });
}
