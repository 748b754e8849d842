import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendPackage } from "../../src/cli/scaffold/backend-files.ts";
import { parseBackendName } from "../../src/cli/scaffold/backend-name.ts";
import { writeNewFiles } from "../../src/cli/scaffold/write-new-files.ts";
import { runModelyard } from "./run-modelyard.ts";

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-new-"));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

describe("a new backend", () => {
  it("is one file that answers, told with what to do next", async () => {
    const { code, stdout } = await runModelyard(["backend", "new", "acme"], { directory: folder });
    expect(code).toBe(0);
    expect(stdout).toContain("modelyard backend test ./acme/acme.ts");
    expect(fs.readdirSync(path.join(folder, "acme"))).toEqual(["acme.ts"]);
    const words = ["chat", "-m", "acme/small", "--plugin", "./acme/acme.ts", "hello"];
    const asked = await runModelyard(words, { directory: folder });
    expect(asked).toEqual({ code: 0, stdout: "You said: hello\n", stderr: "" });
    // As it is, without an edit.
    const test = ["backend", "test", "./acme/acme.ts", "-m", "acme/small", "--json"];
    const tested = await runModelyard(test, { directory: folder });
    expect(JSON.parse(tested.stdout)).toMatchObject({ badge: { level: "gold" } });
  });

  it("takes the place of none that is there", async () => {
    const file = path.join(folder, "mine", "mine.ts");
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, "// mine");
    const again = writeNewFiles(path.dirname(file), { "other.ts": "", "mine.ts": "" });
    await expect(again).rejects.toMatchObject({ code: "invalid-request" });
    expect(fs.readdirSync(path.dirname(file))).toEqual(["mine.ts"]);
    expect(fs.readFileSync(file, "utf8")).toBe("// mine");
  });

  it("is refused where a file stands in its folder's place, before anything is written", async () => {
    const inTheWay = path.join(folder, "half", "test");
    fs.mkdirSync(path.dirname(inTheWay));
    fs.writeFileSync(inTheWay, "mine");
    const files = { "src/index.ts": "", "test/index.test.ts": "" };
    await expect(writeNewFiles(path.dirname(inTheWay), files)).rejects.toMatchObject({
      code: "invalid-request",
      message: `${inTheWay} is there already, and is left as it is.`,
    });
    expect(fs.readdirSync(path.dirname(inTheWay))).toEqual(["test"]);
  });

  it("is called what its package is called, without what all such packages are", () => {
    expect(parseBackendName("modelyard-backend-x")).toBe("x");
  });

  it.each([
    ["Acme_2", "acme-2"],
    ["../acme", "acme"],
    ["my api", "my-api"],
    ["@me/modelyard-backend-x", "x"],
    ["Écho", "echo"],
    ["a".repeat(41), "a".repeat(40)],
  ])("is not called %s, but %s", (name, near) => {
    expect(() => parseBackendName(name)).toThrow(`Take ${near}.`);
  });

  it("needs a letter in its name", () => {
    expect(() => parseBackendName("9")).toThrow("begins with a letter.");
  });
});

it("a new package names its source, its test and what is published", async () => {
  const files = await backendPackage("beta", "0.1.0");
  const manifest = JSON.parse(files["package.json"] ?? "") as Record<string, unknown>;
  expect(manifest).toMatchObject({
    name: "modelyard-backend-beta",
    exports: { ".": { default: "./dist/index.js" } },
    peerDependencies: { modelyard: ">=0.1.0" },
  });
  expect(files["src/index.ts"]).toContain('type: "beta"');
  expect(files["test/index.test.ts"]).toContain('from "../src/index.ts"');
});
