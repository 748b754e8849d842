import { describe, expect, it } from "vitest";
import { parseToken } from "./parse-token.ts";

const nowMs = Date.parse("2026-11-24T00:00:00Z");
const hourMs = 3_600_000;

function jwt(claims: object): string {
  const [header, body] = [{ alg: "none" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return `${header}.${body}.c2ln`;
}

describe("parseToken", () => {
  it("takes a line as it is", () => {
    expect(parseToken("ya29.abc\r\n", nowMs)).toEqual({ value: "ya29.abc" });
    expect(parseToken('"ya29.abc"\n', nowMs)).toEqual({ value: "ya29.abc" });
  });

  it("finds nothing in nothing, and in JSON without a token", () => {
    for (const text of ["", " \n", "{}", '""', '{"token":""}', '{"error":"no login"}'])
      expect(parseToken(text, nowMs)).toBeUndefined();
  });

  it.each([
    ["OAuth", { access_token: "t", expires_in: 3600 }, nowMs + hourMs],
    ["OAuth with a text", { access_token: "t", expires_in: "3600" }, nowMs + hourMs],
    [
      "az account get-access-token",
      {
        accessToken: "t",
        expiresOn: "2026-11-24 09:00:00.000000",
        expires_on: nowMs / 1000 + 3600,
      },
      nowMs + hourMs,
    ],
    [
      "gcloud config config-helper",
      { credential: { access_token: "t", token_expiry: "2026-11-24T01:00:00Z" } },
      nowMs + hourMs,
    ],
    [
      "a Kubernetes exec credential",
      {
        kind: "ExecCredential",
        status: { token: "t", expirationTimestamp: "2026-11-24T01:00:00Z" },
      },
      nowMs + hourMs,
    ],
    ["an expiry", { token: "t", expiry: "2026-11-24T01:00:00Z" }, nowMs + hourMs],
    ["milliseconds", { token: "t", expiration: nowMs + hourMs }, nowMs + hourMs],
    ["a lifetime as expiration", { token: "t", expiration: 3600 }, nowMs + hourMs],
    ["no expiry", { token: "t" }, undefined],
    ["an expiry that is no date", { token: "t", expiry: "soon" }, undefined],
  ])("reads %s", (_name, printed, expiresAtMs) => {
    const token = parseToken(JSON.stringify(printed), nowMs);
    expect(token?.value).toBe("t");
    expect(token?.expiresAtMs).toBe(expiresAtMs);
  });

  it("honours a JWT's exp, bare and in JSON, unless the JSON says otherwise", () => {
    const value = jwt({ exp: 1_800_000_000 });
    const expiresAtMs = 1_800_000_000_000;
    expect(parseToken(value, nowMs)).toEqual({ value, expiresAtMs });
    expect(parseToken(JSON.stringify({ token: value }), nowMs)).toEqual({ value, expiresAtMs });
    expect(parseToken(JSON.stringify({ token: value, expires_in: 1 }), nowMs)).toEqual({
      value,
      expiresAtMs: nowMs + 1000,
    });
    expect(parseToken(jwt({ sub: "me" }), nowMs)).toEqual({ value: jwt({ sub: "me" }) });
  });
});
