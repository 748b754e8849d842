import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chat } from "../../../contract/capabilities/chat.ts";
import { findProfile } from "../profiles/find-profile.ts";
import { plainProfile } from "../profiles/profile.ts";
import { fromLogprobs } from "./from-logprobs.ts";
import { readChunk } from "./read-chunk.ts";
import { toChatRequest } from "./to-chat-request.ts";
import { toLogprobs } from "./to-logprobs.ts";

function asking(profile: string, asked: number, route: "chat" | "completion" = "chat") {
  const warnings: string[] = [];
  const { title, topLogprobs, refuses } = findProfile(profile) ?? plainProfile;
  const told = { title, topLogprobs, refuses };
  return { body: toLogprobs(asked, route, told, (text) => warnings.push(text)), warnings };
}

function written(effort: "none" | "low", profile = findProfile("llama-server")!) {
  const request = chat.request.parse({ prompt: "Hi", reasoningEffort: effort });
  return toChatRequest(request, "m", profile, () => {});
}

describe("what is asked of a server", () => {
  it("is as many others as it tells, and no more", () => {
    expect(asking("plain", 3)).toEqual({
      body: { logprobs: true, top_logprobs: 3 },
      warnings: [],
    });
    expect(asking("plain", 0).body).toEqual({ logprobs: true });
    expect(asking("plain", 2, "completion").body).toEqual({ logprobs: 2 });
    expect(asking("xai", 20)).toEqual({
      body: { logprobs: true, top_logprobs: 8 },
      warnings: ["logprobs: xAI tells at most 8 others for each token."],
    });
    // It takes none at all, which is told where they are left out.
    expect(asking("groq", 5).warnings).toEqual([]);
  });

  it("is the effort in words that its templates know, where they decide", () => {
    expect(written("none")["chat_template_kwargs"]).toEqual({ enable_thinking: false });
    expect(written("low")["chat_template_kwargs"]).toEqual({
      enable_thinking: true,
      reasoning_effort: "low",
    });
    expect(written("low", plainProfile)["reasoning_effort"]).toBe("low");
  });
});

describe("what a server tells", () => {
  it("is read as a real llama.cpp server says it", () => {
    const file = new URL("../__fixtures__/llama-server/chat-logprobs.json", import.meta.url);
    const { response } = JSON.parse(readFileSync(file, "utf8")) as { response: { body: string } };
    const { text, logprobs } = readChunk(JSON.parse(response.body) as object);
    expect(text).toBe("Hello!");
    expect(logprobs).toMatchObject([
      {
        token: "Hello",
        logprob: -2.036085844039917,
        bytes: [72, 101, 108, 108, 111],
        top: [{ token: "Hello" }, { token: "I" }, { bytes: [240, 159] }],
      },
      { token: "!" },
    ]);
  });

  it("is read in the older words of completions, the best first", () => {
    const told = {
      tokens: ["a", "b"],
      token_logprobs: [null, -0.5],
      top_logprobs: [null, { c: -2, b: -0.5 }],
    };
    expect(fromLogprobs(told)).toEqual([
      {
        token: "b",
        logprob: -0.5,
        top: [
          { token: "b", logprob: -0.5 },
          { token: "c", logprob: -2 },
        ],
      },
    ]);
  });

  it.each([{}, { content: null }, { content: [{ token: 1 }] }, { tokens: [] }])(
    "is nothing where it is %j",
    (told) => {
      expect(fromLogprobs(told)).toBeUndefined();
    },
  );
});
