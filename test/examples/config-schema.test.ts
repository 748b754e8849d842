import fs from "node:fs";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "jsonc-parser";
import { describe, expect, it } from "vitest";
import { services } from "../../src/app/services.ts";

const folder = path.resolve(import.meta.dirname, "../../examples/config");
const files = fs.readdirSync(folder).filter((name) => name.endsWith(".jsonc"));
const ajv = new Ajv2020({ strict: false, validateFormats: false });

describe("the JSON Schema that editors complete by", async () => {
  const validate = ajv.compile(await services.configurationSchema({}));
  const problemsOf = (value: unknown) => (validate(value) ? [] : (validate.errors ?? []));

  it.each(files.filter((name) => name !== "plugins.jsonc"))("takes %s", (name) => {
    const text = fs.readFileSync(path.join(folder, name), "utf8");
    expect(problemsOf(parse(text, [], { allowTrailingComma: true }))).toEqual([]);
  });

  it("knows the kinds of plugins that the configuration names", async () => {
    const file = path.join(folder, "plugins.jsonc");
    const own = ajv.compile(await services.configurationSchema({ config: file }));
    const value: unknown = parse(fs.readFileSync(file, "utf8"), [], { allowTrailingComma: true });
    expect([own(value), validate(value)]).toEqual([true, false]);
  });

  it.each<[string, unknown]>([
    ["a misspelt key", { backend: {} }],
    [
      "a misspelt key of a model's backend",
      [{ name: "a", backend_type: "ollama", config: { ur: 1 } }],
    ],
    ["a misspelt key beside it", { name: "a", backend_type: "ollama", max_concurent: 1 }],
    ["a capability that is none", { name: "a", backend_type: "ollama", capabilities: ["chta"] }],
    ["an alias without a target", { models: [{ name: "a" }] }],
    ["an unknown kind", { models: [{ name: "a", backendType: "olama" }] }],
  ])("refuses %s", (_, value) => {
    expect(problemsOf(value)).not.toEqual([]);
  });
});
