import { describe, expect, it } from "vitest";
import { config } from "./config.ts";
import { recording } from "./__fixtures__/open-ollama.ts";
import { showAnswer } from "./api.ts";
import { toDescription } from "./to-description.ts";
import { askedWindow, windowOf } from "./window.ts";

const shown = (name: string) => {
  const body = (recording(name).response.body as string).replace(/,"… cut"/, "");
  return showAnswer.parse(JSON.parse(body));
};

describe("what /api/show says", () => {
  it("is what the model can do", () => {
    expect(toDescription("smollm2:135m", shown("show"))).toMatchObject({
      capabilities: ["chat", "completion"],
      sees: false,
      usesTools: false,
      thinks: false,
      isRemote: false,
      trainedTokens: 8192,
      stops: ["<|im_start|>", "<|im_end|>"],
    });
    expect(
      toDescription("m", { capabilities: ["completion", "vision", "tools", "thinking"] }),
    ).toMatchObject({
      sees: true,
      usesTools: true,
      thinks: true,
    });
  });

  it("by an Ollama that names no capabilities is read from the model", () => {
    const embeds = { "general.architecture": "bert", "bert.pooling_type": 1 };
    const chats = { "general.architecture": "llama" };
    expect(toDescription("m", { model_info: embeds }).capabilities).toEqual(["embedding"]);
    expect(toDescription("m", { model_info: chats }).capabilities).toEqual(["chat", "completion"]);
    expect(toDescription("m", {}).capabilities).toEqual([]);
  });

  it("holds the Modelfile's window", () => {
    const parameters = 'num_ctx                        2048\nstop "a\\n"';
    const description = toDescription("m", { parameters });
    expect(description).toMatchObject({ modelfileTokens: 2048, stops: ["a\n"] });
  });
});

function windowWith(written: object, description: object, loaded?: number): number | undefined {
  return windowOf(config.parse(written), { ...toDescription("m", {}), ...description }, loaded);
}

describe("the window that a model really has", () => {
  it("is the configured one, at most what it was trained for", () => {
    expect(windowWith({ contextSize: 2048 }, { trainedTokens: 8192 }, 4096)).toBe(2048);
    expect(windowWith({ contextSize: 16_384 }, { trainedTokens: 8192 })).toBe(8192);
    expect(windowWith({ options: { num_ctx: 1024 } }, { trainedTokens: 8192 })).toBe(1024);
  });

  it("is its Modelfile's, or what it is loaded with", () => {
    expect(windowWith({}, { modelfileTokens: 2048, trainedTokens: 8192 }, 4096)).toBe(2048);
    expect(windowWith({}, { trainedTokens: 131_072 }, 32_768)).toBe(32_768);
    expect(windowWith({}, { trainedTokens: 512 }, 4096)).toBe(512);
  });

  it("is not known before Ollama has decided, unless it is small", () => {
    expect(windowWith({}, { trainedTokens: 131_072 })).toBeUndefined();
    expect(windowWith({}, { trainedTokens: 512 })).toBe(512);
    expect(askedWindow(config.parse({}), { trainedTokens: 512 })).toBeUndefined();
  });
});
