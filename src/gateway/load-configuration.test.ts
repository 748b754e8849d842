import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chat } from "../contract/capabilities/chat.ts";
import { loadConfiguration } from "./load-configuration.ts";

let folder: string;
beforeAll(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "modelyard-configuration-"));
});
afterAll(async () => {
  await fs.rm(folder, { recursive: true });
});

const options = { definitions: [], capabilities: [chat], environment: {} };

async function load(text: string) {
  const file = path.join(folder, "given.json");
  await fs.writeFile(file, text);
  return loadConfiguration(file, options);
}

describe("the file", () => {
  it.each([
    ["comments", '{ // a port\n "server": { /* the usual one */ "port": 1 } }'],
    ["trailing commas", '{ "server": { "port": 1, }, }'],
    ["a byte order mark", '\uFEFF{ "server": { "port": 1 } }'],
    ["Windows line ends", '{\r\n"server": {\r\n"port": 1 } }'],
  ])("may hold %s", async (_, text) => {
    expect((await load(text)).configuration.server.port).toBe(1);
  });

  it.each([
    ["nothing", "", [": Holds nothing. An object without keys, {}, configures nothing."]],
    ["a comment", "// x", [": Holds nothing. An object without keys, {}, configures nothing."]],
    ["no comma", '{\n  "memory": {}\n  "server": {}\n}', ["line 3, column 3: Comma expected."]],
    [
      "no comma, behind a byte order mark",
      '\uFEFF{\n  "memory": {}\n  "server": {}\n}',
      ["line 3, column 3: Comma expected."],
    ],
    ["no end", '{ "memory": {', ["line 1, column 14: Close brace expected."]],
    ["a comma too many", '{ "memory": {},, }', ["line 1, column 16: Property name expected."]],
    [
      "a key twice",
      '{\n  "server": { "port": 1 },\n  "memory": {},\n  "server": { "port": 2 }\n}',
      ['line 4, column 3: "server" stands here twice.'],
    ],
    [
      "a key that would be lost",
      '{ "backends": { "__proto__": {} } }',
      [`line 1, column 17: "__proto__" can't be a name.`],
    ],
  ])("with %s is refused, with line and column", async (_, text, problems) => {
    const refused = load(text);
    await expect(refused).rejects.toMatchObject({ code: "invalid-config" });
    const { details } = await refused.catch((error) => error);
    const found = details.problems.map(
      (each: { path: string; message: string }) => `${each.path}: ${each.message}`,
    );
    expect(found).toEqual(expect.arrayContaining(problems));
  });

  it("that was named and is not there is an error, and says how to name one", async () => {
    await expect(loadConfiguration(path.join(folder, "none.json"), options)).rejects.toMatchObject({
      code: "invalid-config",
      message: expect.stringContaining("none.json: no such file"),
      remedy: expect.stringContaining("--config"),
    });
  });

  it("that can't be read is an error", async () => {
    await expect(loadConfiguration(folder, options)).rejects.toMatchObject({
      code: "invalid-config",
      message: expect.stringContaining("EISDIR"),
    });
  });

  it("lies in the configuration folder where none is named, and need not be there at all", async () => {
    const environment = { XDG_CONFIG_HOME: folder };
    expect(await loadConfiguration(undefined, { ...options, environment })).not.toHaveProperty(
      "file",
    );
    const file = path.join(folder, "modelyard", "modelyard.json");
    await fs.mkdir(path.dirname(file));
    await fs.writeFile(file, '{ "server": { "port": 7 } }');
    expect(await loadConfiguration(undefined, { ...options, environment })).toMatchObject({
      file,
      configuration: { server: { port: 7 } },
    });
  });
});
