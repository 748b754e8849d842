import { describe, expect, it } from "vitest";
import { saying } from "../gateway/__fixtures__/test-gateway.ts";
import { hello, serveBackend } from "./__fixtures__/serve-backend.ts";

const path = "/v1/chat/completions";
const chat = saying("hi");
const text = JSON.stringify(hello);

async function send(body: string): Promise<{ status: number; error?: Record<string, unknown> }> {
  const { url } = await serveBackend({ chat });
  const headers = { "content-type": "application/json" };
  const response = await fetch(url + path, { method: "POST", headers, body });
  return { status: response.status, ...((await response.json()) as object) };
}

/** The greeting with one more field, as text. */
function withField(field: string): string {
  return `${text.slice(0, -1)},${field}}`;
}

describe("a body", () => {
  it.each([
    '"__proto__":{"a":1}',
    '"__pro\\u0074o__":{"a":1}',
    '"tools":[{"x":{"__proto__":null}}]',
  ])("that holds %s is refused and told so, and pollutes nothing", async (field) => {
    const { status, error } = await send(withField(field));
    expect(status).toBe(400);
    expect(error).toEqual({
      message: "__proto__ is a name that is not taken. Leave the field out, or call it otherwise.",
      type: "invalid_request_error",
      code: "invalid-request",
      param: "__proto__",
    });
    expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
  });

  it.each([
    ["speaks of it", text.replace("hello", '\\"__proto__\\": \\u0041 \\u0070 constructor')],
    ["begins with a byte order mark", `\ufeff${text}`],
    ["has a property called constructor", withField('"metadata":{"constructor":{"prototype":1}}')],
  ])("that %s is taken", async (_what, body) => {
    expect((await send(body)).status).toBe(200);
  });

  it.each([
    ['{"model":', "The body is not valid JSON."],
    [`${text} secret`, `at position ${text.length + 1}`],
  ])("%j is told what it is, and not quoted", async (body, said) => {
    const { status, error } = await send(body);
    expect(status).toBe(400);
    expect(error?.["message"]).toContain(said);
    expect(error?.["message"]).not.toContain("secret");
  });

  it("nested beyond all sense is looked through all the same", async () => {
    const deep = `${'{"a":'.repeat(100_000)}{"__proto__":1}${"}".repeat(100_000)}`;
    const { status, error } = await send(withField(`"x":${deep}`));
    expect(status).toBe(400);
    expect(error?.["param"]).toBe("__proto__");
  });
});
