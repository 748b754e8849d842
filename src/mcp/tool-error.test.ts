import { describe, expect, it } from "vitest";
import { ModelyardError } from "../contract/errors.ts";
import { toToolError } from "./tool-error.ts";

describe("toToolError", () => {
  it("says code, message and remedy, and the same as data", () => {
    const error = new ModelyardError("timeout", "Too slow.", { remedy: "Wait.", model: "m" });
    expect(toToolError(error, { error() {} })).toEqual({
      isError: true,
      content: [{ type: "text", text: "timeout: Too slow. Wait." }],
      _meta: { error: { code: "timeout", message: "Too slow.", remedy: "Wait.", model: "m" } },
    });
  });

  it.each([
    [
      "`modelyard models` lists what there is; `modelyard pull` fetches more.",
      "list_models lists what there is; pull_model fetches more.",
    ],
    [
      "Fetch them with `modelyard pull llama-cpp/smollm2:135m`.",
      'Fetch them with pull_model (model "llama-cpp/smollm2:135m").',
    ],
    [
      "Fetch it again: `modelyard remove a`, then `modelyard pull a`.",
      "Fetch it again: `modelyard remove a`, then `modelyard pull a`.",
    ],
    [
      "Fetch the file and run `modelyard pull <path>`.",
      "Fetch the file and run `modelyard pull <path>`.",
    ],
  ])("names tools in place of commands: %s", (remedy, named) => {
    const error = new ModelyardError("model-not-found", "No.", { remedy });
    expect(toToolError(error, { error() {} })).toMatchObject({
      content: [{ text: `model-not-found: No. ${named}` }],
      _meta: { error: { remedy: named } },
    });
  });

  it("hides the text of an error it does not know, and tells the log", () => {
    const lines: string[] = [];
    const result = toToolError(new Error("the key is abc"), { error: (line) => lines.push(line) });
    expect(JSON.stringify(result)).not.toContain("abc");
    expect(result).toMatchObject({ isError: true, _meta: { error: { code: "internal" } } });
    expect(lines.join()).toContain("the key is abc");
  });
});
