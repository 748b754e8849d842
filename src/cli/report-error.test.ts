import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { ModelyardError } from "../contract/errors.ts";
import { exitCodeOf, reportError } from "./report-error.ts";

async function report(thrown: unknown, options?: { json?: boolean; help?: string }) {
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  await reportError(thrown, { input, output, errors, environment: {} }, options);
  return { output: String(output.read() ?? ""), errors: String(errors.read() ?? "") };
}

const error = new ModelyardError("timeout", "It took too long.", {
  backend: "b",
  model: "m",
  remedy: "Allow more time.",
});

describe("reportError", () => {
  it("says what went wrong, where, and what to do", async () => {
    expect(await report(error)).toEqual({
      output: "",
      errors: "error (timeout): It took too long.\n  (backend b, model m)\n  Allow more time.\n",
    });
  });

  it("lets nothing through that a terminal would obey", async () => {
    const rude = new ModelyardError("model-not-found", "No\u001B[2J such\tone.\nNone.", {
      model: "\u001B[31mred\u009B",
    });
    const { errors } = await report(rude);
    expect(errors).toContain("No[2J such\tone.\nNone.\n  (model [31mred)");
  });

  it("gives a program the error as the answer", async () => {
    const { output, errors } = await report(error, { json: true });
    expect(JSON.parse(output)).toMatchObject({
      error: { code: "timeout", message: "It took too long.", remedy: "Allow more time." },
    });
    expect(errors).toContain("It took too long.");
  });

  it("names the help of the command where a request is wrong and says no more", async () => {
    const wrong = new ModelyardError("invalid-request", "Invalid chat request.");
    const { output, errors } = await report(wrong, { json: true, help: "modelyard chat --help" });
    expect(errors).toBe(
      "error (invalid-request): Invalid chat request.\n  See `modelyard chat --help`.\n",
    );
    expect(JSON.parse(output)).toMatchObject({ error: { remedy: "See `modelyard chat --help`." } });
  });

  it("shows what a process that died wrote last", async () => {
    const stderr = ["Loading…", "1", "2", "3", "Traceback:", "No module named 'torch'\u001B[2J"];
    const dead = new ModelyardError("backend-error", "py exited with code 1.", {
      details: { exitCode: 1, stderr },
    });
    expect((await report(dead)).errors).toBe(
      `error (backend-error): py exited with code 1.
  It wrote last:
    1
    2
    3
    Traceback:
    No module named 'torch'[2J
`,
    );
  });

  it("shows where a fault of our own comes from", async () => {
    const { errors } = await report(new TypeError("x is not a function"));
    expect(errors).toContain("error (internal): x is not a function\n");
    expect(errors).toContain("report-error.test.ts");
  });
});

it("tells wrong usage from failure", () => {
  expect(exitCodeOf(new ModelyardError("invalid-request", ""))).toBe(2);
  expect(exitCodeOf(new ModelyardError("invalid-config", ""))).toBe(2);
  expect(exitCodeOf(error)).toBe(1);
  expect(exitCodeOf("nonsense")).toBe(1);
});
