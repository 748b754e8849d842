import { expect, it } from "vitest";
import { toJsonSchema } from "../../contract/schema.ts";
import { validate } from "../../contract/validate.ts";
import { config } from "./config.ts";

it("is complete when empty", () => {
  expect(config.parse({})).toEqual({ mode: "local", runtime: "onnx" });
});

it("says what is not built yet, each key by its path", () => {
  const given = {
    mode: "remote",
    runtime: "python",
    token: "secret",
    revision: "main",
    dtyp: "q8",
  };
  let message = "";
  try {
    validate(config, given, { what: "configuration", code: "invalid-config" });
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain('mode: "remote" is not yet supported.');
  expect(message).toContain('runtime: "python" is not yet supported.');
  expect(message).toContain("token: Not yet supported.");
  expect(message).toContain("revision: Not yet supported.");
  expect(message).toContain('Did you mean "dtype"?');
  expect(message).not.toContain("secret");
});

it("can be shown as JSON Schema", () => {
  expect(toJsonSchema(config, "input")).toMatchObject({ type: "object" });
});
