import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { builtInCapabilities } from "../contract/capabilities.ts";
import { defineCapability, type AnyCapability } from "../contract/capability.ts";
import { addRequestOptions, takesSeveralTexts } from "./request-options.ts";

async function parse(capability: AnyCapability, words: string[]): Promise<unknown> {
  const command = new Command("test").exitOverride().configureOutput({ writeErr() {} });
  const toRequest = addRequestOptions(command, capability);
  command.parse(words, { from: "user" });
  return toRequest(command.opts());
}

const capability = (name: string): AnyCapability =>
  builtInCapabilities.find((each) => each.name === name)!;

describe("addRequestOptions", () => {
  it("makes numbers, texts and lists of what is given", async () => {
    const words = ["--max-tokens", "5", "--temperature", "0.5", "--stop", "a, b", "--stop", "c"];
    expect(await parse(capability("chat"), [...words, "--system", "Be brief."])).toEqual({
      maxTokens: 5,
      temperature: 0.5,
      stop: ["a, b", "c"],
      system: "Be brief.",
    });
  });

  it("splits labels at commas, also given twice, and takes a bare flag", async () => {
    const words = ["--labels", "good, bad", "--labels", "so-so", "--multi-label"];
    expect(await parse(capability("classification"), words)).toEqual({
      labels: ["good", "bad", "so-so"],
      multiLabel: true,
    });
  });

  it("reads JSON, and says where it is none", async () => {
    expect(await parse(capability("chat"), ["--response-schema", '{"type":"object"}'])).toEqual({
      responseSchema: { type: "object" },
    });
    await expect(parse(capability("chat"), ["--response-schema", "{"])).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringContaining("--response-schema") as string,
    });
    await expect(parse(capability("chat"), ["--tools", "@/nowhere.json"])).rejects.toMatchObject({
      code: "invalid-request",
    });
  });

  it.each([
    ["auto", "auto"],
    ["required", "required"],
    ['"none"', "none"],
    ["get_weather", { toolName: "get_weather" }],
    ['{"toolName":"get_weather"}', { toolName: "get_weather" }],
  ])("takes a bare word where the request takes a word or a name: %s", async (given, expected) => {
    expect(await parse(capability("chat"), ["--tool-choice", given])).toEqual({
      toolChoice: expected,
    });
  });

  it("says that what is neither a word nor JSON is none", async () => {
    await expect(
      parse(capability("chat"), ["--tool-choice", "{toolName: x}"]),
    ).rejects.toMatchObject({ code: "invalid-request" });
  });

  it("refuses a word that is no number, and a choice that is none", async () => {
    await expect(parse(capability("chat"), ["--seed", "one"])).rejects.toThrow(
      "Give a whole number.",
    );
    await expect(parse(capability("embedding"), ["--purpose", "other"])).rejects.toThrow(
      "Allowed choices are query, document.",
    );
  });

  it.each([
    ["--max-tokens", "0", "Give a whole number above 0."],
    ["--max-tokens", "1.5", "Give a whole number above 0."],
    ["--temperature", "9", "Give a number at least 0 and at most 2."],
    ["--top-p", "", "Give a number above 0 and at most 1."],
  ])("refuses a number that the request does not allow by its flag: %s %s", async (...words) => {
    const refusal = words.pop();
    await expect(parse(capability("chat"), words)).rejects.toThrow(refusal);
  });

  it("serves a plugin's capability, with the words of its schema", () => {
    const rerank = defineCapability({
      name: "rerank",
      description: "Sort documents by a query.",
      names: { tool: "rerank", route: "/v1/rerank", verb: "rerank" },
      request: z.strictObject({
        query: z.string(),
        topN: z.int().optional().describe("give only the best"),
      }),
      output: z.object({ scores: z.array(z.number()) }),
      result: z.object({ scores: z.array(z.number()) }),
      text: { input: "query", ofResult: ({ scores }) => scores.join(" ") },
      collect: (output) => output,
    });
    const command = new Command("rerank");
    addRequestOptions(command, rerank);
    expect(command.options.map(({ flags, description }) => [flags, description])).toEqual([
      ["--top-n <number>", "give only the best"],
    ]);
  });
});

it("knows which texts may be several", () => {
  const several = builtInCapabilities.filter(takesSeveralTexts).map(({ name }) => name);
  expect(several).toEqual(["embedding"]);
});
