import { describe, expect, it } from "vitest";
import { legacyCall, modernCall, openSession } from "./__fixtures__/http-requests.ts";
import { startForTest } from "./__fixtures__/start-face.ts";

const eras = ["2026-07-28", "2025-11-25"] as const;

async function call(era: (typeof eras)[number], model: string, prompt = "one two", meta = {}) {
  // So long that no machine is too slow, or so short that no answer is quicker.
  const streamAfterMs = model === "trial/plain" ? 60_000 : 10;
  const { url } = await startForTest({ streamAfterMs, keepAliveMs: 20 });
  const modern = modernCall(model, prompt, meta);
  if (era === "2026-07-28") return fetch(url, { method: "POST", ...modern });
  const given = JSON.parse(legacyCall(model, prompt)) as { params: object };
  const body = JSON.stringify({ ...given, params: { ...given.params, _meta: meta } });
  return fetch(url, { method: "POST", headers: await openSession(url), body });
}

interface Answer {
  id?: number;
  method?: string;
  result?: { content: { text: string }[] };
}

function messagesIn(stream: string): Answer[] {
  const lines = stream.split("\n").filter((line) => line.startsWith("data: "));
  return lines.map((line) => JSON.parse(line.slice("data: ".length)) as Answer);
}

describe.each(eras)("the answer to a call of a tool in %s", (era) => {
  const id = era === "2026-07-28" ? 1 : 2;

  it("is JSON where the result is there at once", async () => {
    const response = await call(era, "trial/plain");
    expect(response.headers.get("content-type")).toBe("application/json");
    const { id: given, result } = (await response.json()) as Answer;
    expect(given).toBe(id);
    expect(result?.content[0]?.text).toBe("one two");
  });

  it("is a stream, which is kept alive, where the result is long in coming", async () => {
    const response = await call(era, "trial/slow", "one two three four five six seven eight");
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const stream = await response.text();
    expect(stream).toContain(": keepalive");
    expect(messagesIn(stream).map((each) => each.id)).toEqual([id]);
  });

  it("is a stream where progress is to be told", async () => {
    const response = await call(era, "trial/waiting", "one", { progressToken: "p" });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const messages = messagesIn(await response.text());
    expect(messages[0]?.method).toBe("notifications/progress");
    expect(messages.at(-1)?.id).toBe(id);
  });

  it("is whole where it is long", async () => {
    const prompt = "ä".repeat(1_000_000);
    const { result } = (await (await call(era, "trial/plain", prompt)).json()) as Answer;
    expect(result?.content[0]?.text).toBe(prompt);
  });
});

describe("calls of the 2026 era by one server", () => {
  it("tells callers apart who give their calls the same id", async () => {
    const { url } = await startForTest({ streamAfterMs: 60_000 });
    const prompts = Array.from({ length: 20 }, (_, index) => `prompt ${index}`);
    const answers = await Promise.all(
      prompts.map(async (prompt) => {
        const response = await fetch(url, { method: "POST", ...modernCall("trial/plain", prompt) });
        return (await response.json()) as Answer;
      }),
    );
    expect(answers.map(({ result }) => result?.content[0]?.text)).toEqual(prompts);
    expect(answers.every((answer) => answer.id === 1)).toBe(true);
  });
});
