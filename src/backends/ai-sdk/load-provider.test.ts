import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadProvider } from "./load-provider.ts";

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-ai-sdk-"));
  return () => fs.rmSync(folder, { recursive: true });
});

/** Installs a package of one module, which only `import` may load. */
function install(name: string, source: string): void {
  const place = path.join(folder, "node_modules", name);
  fs.mkdirSync(place, { recursive: true });
  const manifest = { name, type: "module", exports: { ".": { import: "./index.js" } } };
  fs.writeFileSync(path.join(place, "package.json"), JSON.stringify(manifest));
  fs.writeFileSync(path.join(place, "index.js"), source);
}

describe("loadProvider", () => {
  it("finds a package in any of the folders, and the one function that it exports", async () => {
    install("provider-one", "export const createOne = () => 1; export const created = 2;");
    const create = await loadProvider({ provider: "provider-one" }, [os.tmpdir(), folder]);
    expect(create({})).toBe(1);
  });

  it("takes two names of one function for one", async () => {
    install(
      "provider-two",
      "export const createNew = () => 2; export const createOld = createNew;",
    );
    expect((await loadProvider({ provider: "provider-two" }, [folder]))({})).toBe(2);
  });

  it("asks which of several functions is meant, and takes the one that is named", async () => {
    install("provider-many", "export const createA = () => 3; export const createB = () => 4;");
    await expect(loadProvider({ provider: "provider-many" }, [folder])).rejects.toMatchObject({
      code: "invalid-config",
      remedy: "Set factory to one of createA, createB.",
    });
    const named = await loadProvider({ provider: "provider-many", factory: "createB" }, [folder]);
    expect(named({})).toBe(4);
    await expect(
      loadProvider({ provider: "provider-many", factory: "createC" }, [folder]),
    ).rejects.toMatchObject({ code: "invalid-config", remedy: "It has createA, createB." });
  });

  it.each([
    ["@acme/not-there", "npm install @acme/not-there"],
    ["@acme/not-there/door", "npm install @acme/not-there"],
    ["not-there-either", "npm install not-there-either"],
  ])("names the command that installs %s", async (provider, command) => {
    await expect(loadProvider({ provider }, [folder])).rejects.toMatchObject({
      code: "invalid-config",
      message: `The package ${provider} is not installed.`,
      remedy: expect.stringContaining(`\`${command}\``),
    });
  });

  it.each([
    ["a package that makes no provider", "no-provider", "export const answer = 42;", /exports no/],
    ["a package that fails", "failing", "throw new Error('Node 30 is needed');", /Node 30 is/],
  ])("refuses %s", async (_name, provider, source, message) => {
    install(provider, source);
    await expect(loadProvider({ provider }, [folder])).rejects.toMatchObject({
      code: "invalid-config",
      message: expect.stringMatching(message),
    });
  });

  it("refuses what is a part of Node, and a door that there is not", async () => {
    install("one-door", "export const createOne = () => 1;");
    await expect(loadProvider({ provider: "fs" }, [folder])).rejects.toMatchObject({
      code: "invalid-config",
      message: "fs is a part of Node, not a provider of the AI SDK.",
    });
    await expect(loadProvider({ provider: "one-door/other" }, [folder])).rejects.toMatchObject({
      code: "invalid-config",
      message: "The package is installed, but has no door one-door/other.",
    });
  });
});
