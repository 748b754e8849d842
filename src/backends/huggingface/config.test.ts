import { expect, it } from "vitest";
import { toJsonSchema } from "../../contract/schema.ts";
import { validate } from "../../contract/validate.ts";
import { config } from "./config.ts";

function problemsOf(given: object): string {
  try {
    validate(config, given, { what: "configuration", code: "invalid-config" });
    return "";
  } catch (error) {
    return String(error);
  }
}

it("is complete when empty", () => {
  expect(config.parse({})).toEqual({ mode: "local", runtime: "onnx" });
});

it("takes what is its own", () => {
  const given = {
    cacheDir: "./models",
    dtype: "fp16",
    threads: 2,
    runtime: "python",
    python: "/opt/python/bin/python3",
    revision: "refs/pr/7",
    token: "hf_secret",
  };
  expect(config.parse(given)).toEqual({ mode: "local", ...given });
});

it("says what is wrong, each key by its path, and never the token", () => {
  const message = problemsOf({
    mode: "remote",
    baseUrl: "http://127.0.0.1",
    token: ["hf_secret"],
    revision: "../up",
    dtyp: "q8",
  });
  expect(message).toContain('mode: "remote" is not yet supported.');
  expect(message).toContain("baseUrl: Not yet supported.");
  expect(message).toContain("revision: Must be a branch, a tag or a commit.");
  expect(message).toContain('Did you mean "dtype"?');
  expect(message).not.toContain("hf_secret");
});

it("holds each runtime to what it can do", () => {
  expect(problemsOf({ runtime: "python", dtype: "q8" })).toContain(
    'dtype: With "runtime": "python" it is "fp32" or "fp16".',
  );
  expect(problemsOf({ python: "python3" })).toContain('python: Needs "runtime": "python".');
});

it("can be shown as JSON Schema", () => {
  expect(toJsonSchema(config, "input")).toMatchObject({ type: "object" });
});
