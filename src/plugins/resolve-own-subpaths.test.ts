import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";

/** What Node resolves, no test runner in between. */
it("finds us where nothing else is found, and reads anew what a file that is read anew imports", () => {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-subpaths-")));
  const url = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const files = {
    "bare.mjs": 'export { errorCodes as found } from "modelyard/backend";',
    "own/index.mjs": 'export { found } from "modelyard/backend";',
    "own/node_modules/modelyard/package.json": '{ "exports": { "./backend": "./own.mjs" } }',
    "own/node_modules/modelyard/own.mjs": 'export const found = "its own";',
    "anew.mjs": 'export { found } from "./beside.mjs";\nexport { old } from "packed";',
    "beside.mjs": "export const found = import.meta.url;",
    "node_modules/packed/package.json": '{ "exports": "./packed.mjs" }',
    "node_modules/packed/packed.mjs": "export const old = import.meta.url;",
  };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  const script = `
import { resolveOwnSubpaths, withVersion } from ${JSON.stringify(import.meta.resolve("./resolve-own-subpaths.ts"))};
resolveOwnSubpaths();
const bare = await import(${JSON.stringify(url("bare.mjs"))});
const own = await import(${JSON.stringify(url("own/index.mjs"))});
const anew = await import(withVersion(${JSON.stringify(url("anew.mjs"))}, 2));
console.log(JSON.stringify([typeof bare.found["invalid-config"], own.found, anew.found, anew.old]));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  fs.rmSync(folder, { recursive: true });
  expect(JSON.parse(output)).toEqual([
    "object",
    "its own",
    `${url("beside.mjs")}?modelyard-version=2`,
    url("node_modules/packed/packed.mjs"),
  ]);
});
