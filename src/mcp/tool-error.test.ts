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

  it("hides the text of an error it does not know, and tells the log", () => {
    const lines: string[] = [];
    const result = toToolError(new Error("the key is abc"), { error: (line) => lines.push(line) });
    expect(JSON.stringify(result)).not.toContain("abc");
    expect(result).toMatchObject({ isError: true, _meta: { error: { code: "internal" } } });
    expect(lines.join()).toContain("the key is abc");
  });
});
