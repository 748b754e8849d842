import { describe, expect, it } from "vitest";
import { toPlainSent, toSent, withLimits } from "./sent.ts";

const url = "http://host/path";
const sentOf = (body: string | Uint8Array) => toPlainSent(url, { method: "POST", body })!.sent;

describe("what is sent", () => {
  it("is taken as it is where it is plain, and as a Request would say it where not", async () => {
    const headers = { a: "b" };
    expect(toPlainSent(url, { headers })).toEqual({
      url: new URL(url),
      sent: {
        method: "GET",
        headers: { "user-agent": "modelyard", "accept-encoding": "identity", a: "b" },
        body: null,
        signal: undefined,
      },
    });
    expect(toPlainSent(url, { body: new Blob(["a"]) })).toBeUndefined();
    expect(toPlainSent(new Request(url), {})).toBeUndefined();
    const { sent } = await toSent(new Request(url, { method: "POST", body: "abc", headers }), {});
    expect(sent).toMatchObject({ method: "POST", headers, body: new TextEncoder().encode("abc") });
  });

  it("may wait for its answer the longer the more it holds, and no longer than a timer counts", () => {
    const limits = { idleMs: 5, headersMs: 10 };
    expect(withLimits(sentOf("a"), limits)).toMatchObject({ bodyTimeout: 5, headersTimeout: 10 });
    expect(withLimits(sentOf(new Uint8Array(32 * 1024 + 1)), limits).headersTimeout).toBe(20);
    expect(withLimits(sentOf("a"), { headersMs: 1e12 }).headersTimeout).toBe(2 ** 31 - 1);
    const unlimited = sentOf("a");
    expect(withLimits(unlimited, {})).toBe(unlimited);
  });
});
