import { describe, expect, it } from "vitest";
import {
  errorCodes,
  isModelyardError,
  ModelyardError,
  placeError,
  toModelyardError,
  type ErrorCode,
} from "./errors.ts";

const codes = Object.keys(errorCodes) as ErrorCode[];

describe("the table of codes", () => {
  it.each(codes)("%s is spelt in kebab case and means something", (code) => {
    const { status, retryable, fallback, meaning } = errorCodes[code];
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    // What may succeed here later may succeed elsewhere now.
    expect(retryable && !fallback).toBe(false);
  });
});

describe("ModelyardError", () => {
  it.each(codes)("%s survives JSON, status and all", (code) => {
    const error = new ModelyardError(code, "It broke.", {
      remedy: "Mend it.",
      backend: "ollama",
      model: "qwen3",
      retryAfterMs: 250,
      details: { limit: "call" },
      cause: new Error("secret"),
    });
    const wire = JSON.stringify(error);
    const again = ModelyardError.fromJSON(JSON.parse(wire));
    expect(again.toJSON()).toEqual(error.toJSON());
    expect(again.status).toBe(errorCodes[code].status);
    expect(again.retryable).toBe(errorCodes[code].retryable);
    expect(wire).not.toContain("secret");
  });

  it.each(["teapot", "toString", "__proto__"])("takes the unknown code %s for internal", (code) => {
    const error = ModelyardError.fromJSON({ code: code as ErrorCode, message: "Odd." });
    expect(error.code).toBe("internal");
    expect(error.status).toBe(500);
  });

  it("is recognised across copies of the package, and nothing else is", async () => {
    const copyAddress = new URL("./errors.ts?copy", import.meta.url).href;
    const copy = (await import(copyAddress)) as typeof import("./errors.ts");
    const foreign = new copy.ModelyardError("overloaded", "Busy.");
    expect(foreign).not.toBeInstanceOf(ModelyardError);
    expect(isModelyardError(foreign)).toBe(true);
    expect(toModelyardError(foreign)).toBe(foreign);
    for (const other of [new Error("x"), { code: "overloaded" }, "overloaded", null, undefined])
      expect(isModelyardError(other)).toBe(false);
  });
});

describe("placeError", () => {
  const at = { backend: "ollama", model: "tiny" };

  it("says where an error is from, and leaves the error as it is", () => {
    const cause = new Error("reset");
    const options = { remedy: "Wait.", retryAfterMs: 1, details: { a: 1 }, cause };
    const error = new ModelyardError("overloaded", "Busy.", { ...options, backend: "other" });
    const placed = placeError(error, at);
    expect(placed.toJSON()).toEqual({ ...error.toJSON(), model: "tiny" });
    expect(placed).toMatchObject({ cause, stack: error.stack });
    expect(error.model).toBeUndefined();
  });

  it("gives the same where it says so already", () => {
    const error = new ModelyardError("overloaded", "Busy.", at);
    expect(placeError(error, { backend: "other", model: "x" })).toBe(error);
  });
});

describe("toModelyardError", () => {
  const wordless = "Something was thrown that does not say what went wrong:";
  const unprintable: object = Object.create(null);
  it.each([
    ["an error", new TypeError("no fetch"), "no fetch"],
    [
      "an error without words",
      new TypeError(),
      `${wordless} the error TypeError without a message.`,
    ],
    ["a string", "no fetch", "no fetch"],
    ["what has a message", { message: "no fetch" }, "no fetch"],
    ["several errors", new AggregateError([new Error("no v4"), new Error("no v6")]), "no v4"],
    ["nothing", undefined, `${wordless} undefined.`],
    ["null", null, `${wordless} null.`],
    ["a number", 404, `${wordless} the number 404.`],
    ["what has no text", unprintable, `${wordless} an object without a message.`],
  ])("takes %s", (_, thrown, message) => {
    const error = toModelyardError(thrown, "backend-unavailable", { backend: "ollama" });
    expect(error).toMatchObject({ code: "backend-unavailable", message, backend: "ollama" });
    expect(error.cause).toBe(thrown);
  });
});
