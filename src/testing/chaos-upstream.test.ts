import { describe, expect, it, onTestFinished, vi } from "vitest";
import { gatewayTo, outcomeOf, shortLimits, type Way } from "./__fixtures__/caller.ts";
import { chaosUpstream, type ChaosUpstream, type ChaosUpstreamOptions } from "./chaos-upstream.ts";
import { faults, type FaultName } from "./faults.ts";
import { hang } from "./faults/connection.ts";
import { serverError } from "./faults/refusal.ts";

/** What a caller sees of a fault: of a chat that is streamed to them, of a chat that is collected for them, of embeddings. */
type Seen = readonly [streamed: string, collected: string, embedding: string];

const all = (seen: string): Seen => [seen, seen, seen];
/** A part of what is streamed has reached its caller. */
const afterText = (seen: string, embedding = seen): Seen => [`${seen} after text`, seen, embedding];
const chat = (seen: string, embedding: string): Seen => [seen, seen, embedding];

/** Each fault, with one target and nothing that repeats. Chat is streamed upstream either way. */
const table: Readonly<Record<FaultName, Seen>> = {
  "hang before headers": all("timeout"),
  "hang after headers": all("timeout"),
  "hang in mid-stream": afterText("timeout"),
  "hang before the end": chat("whole", "timeout"),
  "cut before headers": all("backend-unavailable"),
  "cut after headers": all("stream-interrupted"),
  "cut in mid-stream": afterText("stream-interrupted"),
  "cut in the midst of an event": afterText("stream-interrupted"),
  "cut before the end": chat("whole", "stream-interrupted"),
  "cut without a length": afterText("stream-interrupted", "invalid-response"),
  "reset before headers": all("backend-unavailable"),
  "reset after headers": all("stream-interrupted"),
  "reset in mid-stream": afterText("stream-interrupted"),
  "reset before the end": chat("whole", "stream-interrupted"),
  "reset on a reused connection": all("whole"),
  "no HTTP": all("backend-unavailable"),
  "late by 200 ms": all("whole"),
  "slow bytes": all("whole"),
  "split characters": all("whole"),
  "truncated JSON": afterText("stream-interrupted", "invalid-response"),
  "wrong content type": all("whole"),
  "swapped content types": all("whole"),
  "web page": all("invalid-response"),
  "200 with an error": all("backend-error"),
  "200 with nothing": chat("stream-interrupted", "invalid-response"),
  "a stream in one piece": all("whole"),
  "429 without Retry-After": all("rate-limited"),
  "429, Retry-After in seconds": all("rate-limited, wait 3 s"),
  "429, Retry-After as a date": all("rate-limited, wait 30 s"),
  "503 without Retry-After": all("backend-unavailable"),
  "503, Retry-After in seconds": all("backend-unavailable, wait 3 s"),
  "503, Retry-After as a date": all("backend-unavailable, wait 30 s"),
  "500 with an error": all("backend-error"),
  "502 with a web page": all("backend-unavailable"),
  "context length": all("context-length-exceeded"),
  "content filter": all("content-filtered"),
  "answer stopped by a content filter": chat("part, content-filter", "whole"),
  "error in the stream": afterText("backend-error"),
  "malformed event": afterText("invalid-response"),
  "doubled events": chat("other", "invalid-response"),
  "huge event": all("whole"),
  "event of 17 MB": chat("invalid-response", "whole"),
  "no finish reason": all("whole"),
  "no [DONE]": all("whole"),
  "neither, at a clean end": afterText("stream-interrupted", "whole"),
  "garbage after the finish reason": chat("whole", "invalid-response"),
  "garbage after [DONE]": chat("whole", "invalid-response"),
};

/** Tests that run at once each give their own `onTestFinished`. */
async function start(
  options: ChaosUpstreamOptions = {},
  finished = onTestFinished,
): Promise<ChaosUpstream> {
  const upstream = await chaosUpstream(options);
  finished(() => upstream.close());
  return upstream;
}

function gateway(url: string, limits?: typeof shortLimits, finished = onTestFinished) {
  const opened = gatewayTo(url, limits);
  finished(() => opened.close());
  return opened;
}

const asked = ({ requests }: ChaosUpstream) => requests.filter(({ method }) => method === "POST");
const whole = (upstream: ChaosUpstream, way: Way = "collected") =>
  outcomeOf(gateway(upstream.url), way, upstream.text);

describe.each(["by itself", "before a real server"])("a fault of an upstream %s", (place) => {
  it.concurrent.for(Object.entries(table) as [FaultName, Seen][])(
    "%s",
    { timeout: 60_000 },
    async ([name, expected], { expect, onTestFinished: finished }) => {
      const hangs = name.startsWith("hang");
      const behind = place === "by itself" ? {} : { proxy: (await start({}, finished)).url };
      const seen: string[] = [];
      for (const way of ["streamed", "collected", "embedding"] as const) {
        const upstream = await start(behind, finished);
        const caller = gateway(upstream.url, hangs ? shortLimits : undefined, finished);
        // A connection is a reused one only after a good answer.
        if (name === "reset on a reused connection") await outcomeOf(caller, way, upstream.text);
        upstream.use([faults[name]]);
        seen.push(await outcomeOf(caller, way, upstream.text));
        if (hangs) await expectClosed(upstream);
      }
      expect(seen).toEqual(expected);
    },
  );
});

/** No work goes on upstream that nobody waits for. */
async function expectClosed(upstream: ChaosUpstream): Promise<void> {
  await vi.waitFor(
    () => {
      if (asked(upstream).some(({ connection }) => connection.closedAtMs === undefined))
        throw new Error("A connection is still open.");
    },
    { timeout: 5_000 },
  );
}

describe("the script", () => {
  it("is a list for the next requests that ask a model something, then all is well", async () => {
    const upstream = await start({ script: [serverError, undefined, serverError] });
    const caller = gateway(upstream.url);
    const seen: string[] = [];
    for (let call = 0; call < 4; call++)
      seen.push(await outcomeOf(caller, "collected", upstream.text));
    expect(seen).toEqual(["backend-error", "whole", "backend-error", "whole"]);
    expect(upstream.prompts).toEqual(["one two", "one two", "one two", "one two"]);
  });

  it("may be a function, which sees every request, and may be replaced", async () => {
    const numbers: number[] = [];
    const upstream = await start({
      script: (number, { method }) => {
        numbers.push(number);
        return method === "POST" ? serverError : undefined;
      },
    });
    expect(await whole(upstream)).toBe("backend-error");
    expect(numbers).toEqual(upstream.requests.map(({ number }) => number));
    upstream.use([]);
    expect(await whole(upstream)).toBe("whole");
  });
});

describe.each<Way>(["streamed", "collected", "embedding"])("a server that is away: %s", (way) => {
  it("refuses, and serves again once it is back at the same address", async () => {
    const upstream = await start();
    const caller = gateway(upstream.url);
    const call = () => outcomeOf(caller, way, upstream.text);
    expect(await call()).toBe("whole");
    await upstream.refuse();
    expect(await call()).toBe("backend-unavailable");
    expect(upstream.connections.every(({ closedAtMs }) => closedAtMs !== undefined)).toBe(true);
    await upstream.accept();
    expect(await call()).toBe("whole");
  });
});

describe.each(["before-headers", "after-headers", "middle"] as const)(
  "a call that is given up while the upstream hangs %s",
  (point) => {
    it.each([true, false])("closes its connection; streamed: %s", async (streamed) => {
      const upstream = await start({ script: [hang(point)] });
      const caller = gateway(upstream.url);
      const given = new AbortController();
      const options = { model: "server/chaos", signal: given.signal };
      const run = async () => {
        if (!streamed) return caller.call("chat", { prompt: "x" }, options);
        const { events } = await caller.stream("chat", { prompt: "x" }, options);
        for await (const _ of events);
        return undefined;
      };
      const outcome = run().catch((error: unknown) => error);
      await expect.poll(() => asked(upstream).length).toBe(1);
      const abortedAtMs = performance.timeOrigin + performance.now();
      given.abort();
      expect(await outcome).toMatchObject({ code: "cancelled" });
      await expectClosed(upstream);
      // The bar is 50 ms; a busy machine may be late in telling.
      expect(asked(upstream)[0]!.connection.closedAtMs! - abortedAtMs).toBeLessThan(2_000);
    });
  },
);

async function post(url: string, path: string, body: object): Promise<unknown> {
  return (await fetch(url + path, { method: "POST", body: JSON.stringify(body) })).json();
}

describe("an upstream by itself", () => {
  it("lists its models", async () => {
    const { url } = await start({ models: ["a", "b"] });
    const list = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("counts words as tokens", async () => {
    const { url } = await start({ text: "three short words" });
    const messages = [{ role: "user", content: [{ type: "text", text: "one two" }] }];
    expect(await post(url, "/v1/chat/completions", { model: "m", messages })).toMatchObject({
      model: "m",
      choices: [{ message: { content: "three short words" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 },
    });
    expect(await post(url, "/v1/completions", { prompt: "one" })).toMatchObject({
      choices: [{ text: "three short words", finish_reason: "stop" }],
      usage: { prompt_tokens: 1, completion_tokens: 3 },
    });
  });

  it("refuses what it does not know", async () => {
    const { url } = await start();
    expect((await fetch(`${url}/v1/other`)).status).toBe(404);
    const bad = await fetch(`${url}/v1/completions`, { method: "POST", body: "{" });
    expect(bad.status).toBe(400);
  });
});

it("an upstream whose real server is away breaks the connection", async () => {
  const real = await start();
  const upstream = await start({ proxy: real.url });
  await real.close();
  expect(await whole(upstream)).toBe("backend-unavailable");
});
