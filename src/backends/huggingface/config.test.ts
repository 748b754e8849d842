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
    mode: "far",
    baseUrl: "127.0.0.1:8080",
    token: ["hf_secret"],
    revision: "../up",
    dtyp: "q8",
  });
  expect(message).toContain("mode: ");
  expect(message).toContain("baseUrl: Must be an address: http://… or https://….");
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

it("takes a server's address as people write it", () => {
  for (const written of ["http://host:8080", "http://host:8080/", "http://host:8080/v1/"])
    expect(config.parse({ mode: "remote", baseUrl: written }).baseUrl).toBe("http://host:8080");
  const below = { mode: "remote", baseUrl: "https://host/models/one/v1" };
  expect(config.parse(below).baseUrl).toBe("https://host/models/one");
});

it("refuses what has no effect in a mode", () => {
  expect(problemsOf({ baseUrl: "http://host", provider: "together" })).toMatch(
    /baseUrl: Needs "mode": "remote".*provider: Needs "mode": "remote"/,
  );
  const remote = problemsOf({
    mode: "remote",
    cacheDir: "./models",
    dtype: "q8",
    revision: "main",
  });
  for (const key of ["cacheDir", "dtype", "revision"])
    expect(remote).toContain(`${key}: Has no meaning with "mode": "remote"`);
  expect(problemsOf({ mode: "remote", runtime: "python" })).toContain(
    'runtime: Needs "mode": "local".',
  );
  expect(problemsOf({ mode: "remote", baseUrl: "http://host", billTo: "us" })).toContain(
    "billTo: Is for Inference Providers alone",
  );
});

it("can be shown as JSON Schema", () => {
  expect(toJsonSchema(config, "input")).toMatchObject({ type: "object" });
});
