import fs from "node:fs";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { services } from "../../src/app/services.ts";
import { createModelyard } from "../../src/index.ts";
import { folderWith, runModelyard } from "../cli/run-modelyard.ts";

const folder = folderWith({
  plugins: ["./broken.mjs"],
  backends: { parrot: { type: "acme", apiKey: "key", isolate: true }, echo: {} },
  models: [{ name: "assistant", targets: ["parrot/any", "acme/any", "echo/any"] }],
  defaults: { transcription: "parrot/any" },
});
fs.writeFileSync(path.join(folder, "broken.mjs"), "throw new Error('out of order');");
afterAll(() => fs.rmSync(folder, { recursive: true }));
const config = path.join(folder, "modelyard.json");

it("a plugin that is set aside takes nothing else down: an alias goes on to its next target", async () => {
  const warnings: string[] = [];
  const log = { debug() {}, info() {}, error() {}, warn: (text: string) => warnings.push(text) };
  await using modelyard = createModelyard(config, { log });
  const { text, backend } = await modelyard.chat({ prompt: "hello" }, { model: "assistant" });
  expect({ text, backend }).toEqual({ text: "hello", backend: "echo" });
  expect(warnings).toEqual([
    expect.stringMatching(/plugin \.\/broken\.mjs was set aside\. .*out of order.*broken\.mjs:1:7/),
  ]);
  await expect(modelyard.chat({ prompt: "hello" }, { model: "parrot/any" })).rejects.toMatchObject({
    code: "backend-unavailable",
    remedy: expect.stringContaining("out of order"),
  });
});

it("is told by those who look: config check, doctor, backends", async () => {
  const checked = await services.checkConfiguration({ config });
  expect(checked.setAside).toMatchObject([{ plugin: "./broken.mjs" }]);
  const { stdout, stderr } = await runModelyard(["backends", "--json"], { directory: folder });
  expect(stderr).not.toContain("out of order");
  expect(JSON.parse(stdout)).toMatchObject({
    kinds: expect.arrayContaining([{ type: "acme", origin: "set aside", capabilities: [] }]),
    backends: expect.arrayContaining([
      expect.objectContaining({ name: "parrot", capabilities: [], health: "unhealthy" }),
    ]),
    setAside: [{ plugin: "./broken.mjs", problem: expect.stringContaining("out of order") }],
  });
});

it("the table of backends says so in a few words, and why below it, once", async () => {
  const { stdout } = await runModelyard(["backends"], { directory: folder });
  expect(stdout).toMatch(/^parrot .* its plugin was set aside$/m);
  expect(stdout.split("out of order")).toHaveLength(2);
});

it("what a program gives that is no plugin is its own fault", async () => {
  await using modelyard = createModelyard({}, { plugins: [{ type: "acme" } as never] });
  await expect(modelyard.models()).rejects.toMatchObject({
    code: "invalid-config",
    message:
      "One of the plugins that were given is none. It is an object that is neither a backend nor a capability.",
    remedy: expect.stringContaining("defineBackend"),
  });
});
