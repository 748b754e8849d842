import { describe, expect, it } from "vitest";
import { saying } from "../gateway/__fixtures__/test-gateway.ts";
import { hello, serveBackend } from "./__fixtures__/serve-backend.ts";

const app = "https://app.example";
const chatPath = "/v1/chat/completions";

function preflight(url: string, origin: string, path = chatPath): Promise<Response> {
  const headers = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,mcp-param-x",
  };
  return fetch(url + path, { method: "OPTIONS", headers });
}

describe("pages of other origins", () => {
  it("are refused unless they are listed; those of this machine are let in, but may not read", async () => {
    const { url, post, server } = await serveBackend({ chat: saying("hi") }, { cors: [app] });
    const statusOf = async (origin: string) =>
      (await post(chatPath, hello, { headers: { origin } })).status;
    expect(await statusOf(app)).toBe(200);
    for (const origin of [`${app}:8443`, "http://app.example", "https://x.app.example", "null"])
      expect(await statusOf(origin)).toBe(403);
    const refused = await preflight(url, "https://evil.example");
    expect(refused.status).toBe(403);
    expect(refused.headers.has("access-control-allow-origin")).toBe(false);
    const local = await post(chatPath, hello, { headers: { origin: "http://localhost:3000" } });
    expect(local.status).toBe(200);
    expect(local.headers.has("access-control-allow-origin")).toBe(false);
    server.setCors(["http://localhost:3000"]);
    expect(await statusOf(app)).toBe(403);
    expect((await preflight(url, "http://localhost:3000")).status).toBe(204);
  });

  it("learn first what they may send, without a key, on every path", async () => {
    const keys = [{ name: "page", key: "key-of-page", admin: false }];
    const { url } = await serveBackend({ chat: saying("hi") }, { cors: [app], keys });
    for (const path of [chatPath, "/v1/models", "/mcp"]) {
      const response = await preflight(url, app, path);
      expect(response.status).toBe(204);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "access-control-allow-origin": app,
        "access-control-allow-methods": expect.stringContaining("DELETE") as string,
        "access-control-allow-headers": "authorization,content-type,mcp-param-x",
        "access-control-max-age": "600",
        vary: "origin",
      });
      expect(response.headers.has("access-control-allow-credentials")).toBe(false);
    }
  });

  it("may read answers, streams and errors, with the headers that say something", async () => {
    const keys = [{ name: "page", key: "key-of-page", admin: false }];
    const { url, post } = await serveBackend({ chat: saying("hi") }, { cors: [app], keys });
    const headers = { origin: app, authorization: "Bearer key-of-page" };
    const answers = [
      await post(chatPath, hello, { headers }),
      await post(chatPath, { ...hello, stream: true }, { headers }),
      await post(chatPath, { ...hello, model: "nowhere/x" }, { headers }),
      await post(chatPath, hello, { headers: { origin: app } }),
      await fetch(`${url}/v1/models`, { headers }),
      await fetch(`${url}/nothing`, { headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 401, 200, 404]);
    for (const answer of answers) {
      expect(answer.headers.get("access-control-allow-origin")).toBe(app);
      const exposed = answer.headers.get("access-control-expose-headers");
      for (const name of ["x-request-id", "x-modelyard-warnings", "mcp-session-id"])
        expect(exposed).toContain(name);
      await answer.text();
    }
  });
});
