import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ModelyardError } from "../errors.ts";
import { createSecrets } from "./secrets.ts";

const plain = new URL("http://127.0.0.1/v1/models");
const key = "sk-proj-0123456789abcdef";

function learned(headers: Record<string, string>, url = plain) {
  const secrets = createSecrets();
  secrets.learn(url, headers);
  return secrets;
}

function told(...values: string[]) {
  const secrets = createSecrets();
  for (const value of values) secrets.add(value);
  return secrets;
}

describe("what a request carries", () => {
  it.each([
    ["a bearer token", { authorization: `Bearer ${key}` }],
    ["a header of one's own", { "x-api-key": key }],
    ["a cookie", { cookie: `session=${key}; theme=dark` }],
    ["a basic password", { authorization: `Basic ${btoa(`me:${key}`)}` }],
  ])("%s is blotted out", (_name, headers) => {
    expect(learned(headers).redact(`no such key: ${key}!`)).toBe("no such key: ***!");
  });

  it("a basic pair goes in base64 too", () => {
    const pair = btoa(`me:${key}`);
    expect(learned({ Authorization: `Basic ${pair}` }).redact(`got ${pair}`)).toBe("got ***");
  });

  it.each([`http://a/?api-key=${key}`, `http://me:${key}@a/`, `http://${key}@a/`])(
    "%s gives its key away",
    (url) => {
      expect(learned({}, new URL(url)).redact(`refused: ${key}`)).toBe("refused: ***");
    },
  );

  it("a percent sign that encodes nothing is no obstacle", () => {
    expect(learned({}, new URL("http://me:100%pure-secret@a/")).redact("100%pure-secret")).toBe(
      "***",
    );
  });

  it("what is no secret stays", () => {
    const secrets = learned(
      { accept: "application/json", "x-token": "short", authorization: "Bearer ollama" },
      new URL("http://me:@a/?version=2024-10-21"),
    );
    const text = "application/json short ollama me 2024-10-21";
    expect(secrets.redact(text)).toBe(text);
  });
});

describe("what a backend tells of", () => {
  it("goes in every form that others write it in", () => {
    const value = `a"b/c&d é<${key}`;
    const text = [
      value,
      encodeURIComponent(value),
      new URLSearchParams({ k: value }).toString(),
      JSON.stringify({ value }),
      `<p>${value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")}</p>`,
    ].join("\n");
    const redacted = told(value).redact(text);
    expect(redacted).not.toContain(key);
    expect(redacted).toBe('***\n***\nk=***\n{"value":"***"}\n<p>***</p>');
  });

  it("may be a part of another", () => {
    expect(told("abcdef", "abcdef-ghijkl").redact("abcdef-ghijkl abcdef")).toBe("*** ***");
  });

  it("may bring its scheme along", () => {
    expect(told(`Bearer ${key}`).redact(`${key} Bearer`)).toBe("*** Bearer");
  });

  it("that is short goes where it is a word", () => {
    expect(told("abc1").redact("abc1, xabc1 (abc1)")).toBe("***, xabc1 (***)");
    expect(told("ab").redact("ab")).toBe("ab");
  });

  it("goes where a quotation cuts it", () => {
    const secrets = told(key);
    const cut = key.slice(0, 15);
    for (const [text, redacted] of [
      [`answered 401: ${cut}`, "answered 401: ***"],
      [`is: "<p>${cut}…".`, 'is: "<p>***…".'],
      [`Error: ${cut}\n    at here`, "Error: ***\n    at here"],
      [`${cut} is no key`, `${cut} is no key`],
    ] as const)
      expect(secrets.redact(text)).toBe(redacted);
  });

  it("is forgotten for later ones, but not while it is in use", () => {
    const secrets = createSecrets();
    for (let count = 0; count < 100; count += 1) {
      secrets.add(key);
      secrets.add(`token-number-${count}`);
    }
    expect(secrets.redact(`${key} token-number-99 token-number-0`)).toBe("*** *** token-number-0");
  });
});

describe("an error", () => {
  const secrets = told(key);

  it("that holds none of it is the same", () => {
    const error = new ModelyardError("backend-error", "No.", { cause: new Error("Because.") });
    expect(secrets.redactError(error)).toBe(error);
    expect(createSecrets().redactError(error)).toBe(error);
  });

  it("keeps all but the secret", () => {
    const error = new ModelyardError("rate-limited", `Too much for ${key}.`, {
      remedy: `Wait with ${key}.`,
      backend: "far",
      model: "large",
      retryAfterMs: 5,
      details: { status: 429, [key]: [{ deep: { deeper: { deepest: key } } }] },
      cause: new Error(key),
    });
    const clean = secrets.redactError(error);
    expect(inspect(clean, { depth: 20, showHidden: true })).not.toContain(key);
    expect(clean.toJSON()).toEqual({
      code: "rate-limited",
      message: "Too much for ***.",
      remedy: "Wait with ***.",
      backend: "far",
      model: "large",
      retryAfterMs: 5,
      details: { status: 429, "***": [{ deep: { deeper: { deepest: "***" } } }] },
    });
    expect(clean.stack).toContain("secrets.test.ts");
  });

  it.each([
    ["its cause alone", () => new ModelyardError("backend-error", "No.", { cause: { key } })],
    ["a cause of its cause", () => new Error("a", { cause: new Error("b", { cause: key }) })],
    ["a field", () => Object.assign(new TypeError("Invalid URL"), { input: `http://${key}@` })],
    ["another error's list", () => new AggregateError([new Error(key)], "both")],
  ])("loses what %s holds", (_name, make) => {
    const clean = secrets.redactError<Error>(make());
    expect(inspect(clean, { depth: 20, showHidden: true })).not.toContain(key);
    expect(clean).toBeInstanceOf(Error);
    expect(clean.message).toBe(make().message);
    expect(clean.name).toBe(make().name);
  });

  it("may hold what refers to itself, or can't be shown", () => {
    const loop: Record<string, unknown> = { key, count: 1n };
    loop["loop"] = loop;
    const error = new ModelyardError("backend-error", "No.", { details: loop });
    expect(secrets.redactError(error).details).toEqual({ key: "***", count: 1n });
    const hidden = new Error("No.", {
      cause: {
        [inspect.custom]() {
          throw new Error("not to be shown");
        },
      },
    });
    expect(secrets.redactError(hidden).cause).toBeUndefined();
  });

  it("may be none", () => {
    expect(secrets.redactError(`no ${key}`)).toBe("no ***");
    expect(secrets.redactError({ reason: key })).toEqual({ reason: "***" });
    expect(secrets.redactError(undefined)).toBeUndefined();
  });
});

it("knows what it hides in base64 too, unless it is short", () => {
  const hiding = createSecrets();
  const long = "sk-?~?~ÿ-long-enough";
  hiding.add(long);
  hiding.add("short7!");
  const [plain, forUrls] = (["base64", "base64url"] as const).map((encoding) =>
    Buffer.from(long).toString(encoding),
  );
  expect(plain).not.toBe(forUrls);
  expect(hiding.redact(`a ${plain} b ${forUrls} c`)).toMatch(/^a \*\*\*=* b \*\*\* c$/);
  const short = Buffer.from("short7!").toString("base64");
  expect(hiding.redact(short)).toBe(short);
});
