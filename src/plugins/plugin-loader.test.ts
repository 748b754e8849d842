import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPluginLoader, type PluginOutcome } from "./plugin-loader.ts";

const directory = process.cwd();
const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-plugins-")));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const backend = (type: string) => `import { defineBackend, z } from "modelyard/backend";
export default defineBackend({
  type: "${type}", config: z.strictObject({}), create: () => ({ capabilities: {} }),
});`;

/** Name, what lies there, and what is said of it. A folder is a file within it. */
const bad: [string, Record<string, string>, RegExp, RegExp][] = [
  [
    "./syntax.mjs",
    { "syntax.mjs": "const one = 1;\nconst two = ;" },
    /^It can't be read: Unexpected token ';' \(FOLDER\/syntax\.mjs:2\)\.$/,
    /Mend the syntax/,
  ],
  [
    "./types.ts",
    { "types.ts": "const one: number = 1;\nconst two: = 2;" },
    /^It can't be read: .* \(FOLDER\/types\.ts:2\)\.$/,
    /Mend the syntax/,
  ],
  [
    "./enum.ts",
    { "enum.ts": "enum Mood { Good }\nexport default Mood;" },
    /TypeScript that Node can't run: .*enum.* \(FOLDER\/enum\.ts:1\)\.$/,
    /an object instead of an enum/,
  ],
  [
    "./throws.ts",
    { "throws.ts": "\nfunction fail(): never { throw new Error('no key'); }\nfail();" },
    /^It throws while it is imported: no key \(FOLDER\/throws\.ts:2:32\)\.$/,
    /`create` or `initialize`/,
  ],
  [
    "./throws-text.js",
    { "throws-text.js": "throw 'a text';" },
    /^It throws while it is imported: a text\.$/,
    /`create`/,
  ],
  [
    "./rejects.mjs",
    { "rejects.mjs": "void Promise.reject(new Error('left alone'));\nexport default 1;" },
    /^It throws while it is imported: left alone \(FOLDER\/rejects\.mjs:1:21\)\.$/,
    /`create`/,
  ],
  [
    "./hangs.mjs",
    { "hangs.mjs": "await new Promise(() => {});" },
    /^It was still being imported after 0\.5 s\.$/,
    /`initialize`/,
  ],
  [
    "./spins.mjs",
    { "spins.mjs": "for (;;);" },
    /^It was still being imported after 0\.5 s\.$/,
    /`initialize`/,
  ],
  [
    "./exits.mjs",
    { "exits.mjs": "process.exit(7);" },
    /^It ended its process while it was imported \(exit code 7\)\.$/,
    /must not end the process/,
  ],
  [
    "./misses.ts",
    { "misses.ts": 'import one from "nobody-has-this";\nexport default one;' },
    /^It imports what is not there: .*nobody-has-this.*FOLDER\/misses\.ts\.$/,
    /npm install nobody-has-this\.$/,
  ],
  [
    "./misspelt.ts",
    { "misspelt.ts": 'import { defineBakend } from "modelyard/backend";' },
    /^It imports what is not there: .*'defineBakend' \(FOLDER\/misspelt\.ts:1\)\.$/,
    /Mend the name/,
  ],
  [
    "./nothing.ts",
    { "nothing.ts": "export const acme = 1;" },
    /^It has no default export, it exports acme alone\.$/,
    /export default defineBackend/,
  ],
  [
    "./wrong.js",
    { "wrong.js": "export default 42;" },
    /^Its default export is a number\.$/,
    /defineBackend/,
  ],
  [
    "./future.js",
    { "future.js": "export default { contract: 2, type: 'later', create() {} };" },
    /"later" is written for contract 2/,
    /npm install modelyard@latest/,
  ],
  [
    "./schema.ts",
    {
      "schema.ts": `import { defineBackend } from "modelyard/backend";
export default defineBackend({ type: "loose", config: { key: "string" } as never, create: () => ({ capabilities: {} }) });`,
    },
    /^The backend "loose": its `config` is no schema\.$/,
    /z comes from modelyard\/backend/,
  ],
  [
    "./twice.ts",
    {
      "twice.ts":
        backend("twin").replace("default", "const twin =") + "\nexport default [twin, twin];",
    },
    /^It exports the backend "twin" twice\.$/,
    /a type of its own/,
  ],
  ["./gone.ts", {}, /^There is no file FOLDER\/gone\.ts\.$/, /begins at FOLDER/],
  [
    "./hollow",
    { "hollow/acme.ts": backend("acme") },
    /^FOLDER\/hollow is a folder without an entry\.$/,
    /index\.ts.*name the file itself: FOLDER\/hollow\/acme\.ts/,
  ],
  ["./circle.ts", {}, /^\.\/circle\.ts can't be looked up: ELOOP/, /can be read here/],
  ["file://elsewhere/acme.ts", {}, /can't be looked up: File URL host/, /can be read here/],
  ["./nul\0.ts", {}, /can't be looked up: .*null bytes/, /can be read here/],
  ["./notes.md", { "notes.md": "# Notes" }, /neither JavaScript nor TypeScript/, /\.mts, \.js/],
  [
    "modelyard-backend-nowhere",
    {},
    /^The package modelyard-backend-nowhere is not installed\.$/,
    /npm install modelyard-backend-nowhere\.$/,
  ],
  ["hollow", {}, /^The package hollow is not installed\.$/, /write \.\/hollow\.$/],
  [
    "modelyard-backend-typed",
    {
      "node_modules/modelyard-backend-typed/package.json": '{ "exports": "./index.ts" }',
      "node_modules/modelyard-backend-typed/index.ts": backend("typed"),
    },
    /TypeScript inside node_modules/,
    /has to hold JavaScript/,
  ],
];

/** Name, what lies there, the type that it brings. */
const good: [string, Record<string, string>, string][] = [
  ["./one.ts", { "one.ts": backend("one") }, "one"],
  ["two.mjs", { "two.mjs": backend("two") }, "two"],
  ["./moves.mjs", { "moves.mjs": `process.chdir("..");\n${backend("moves")}` }, "moves"],
  ["./three", { "three/index.ts": backend("three") }, "three"],
  [
    "four/",
    { "four/package.json": '{ "main": "lib/main.mjs" }', "four/lib/main.mjs": backend("four") },
    "four",
  ],
  [
    "modelyard-backend-five",
    {
      "node_modules/modelyard-backend-five/package.json":
        '{ "type": "module", "exports": { ".": { "types": "./five.d.ts", "import": "./five.js" } } }',
      "node_modules/modelyard-backend-five/five.js": backend("five"),
    },
    "five",
  ],
  [
    "@acme/models",
    {
      "node_modules/@acme/models/package.json": "{}",
      "node_modules/@acme/models/index.cjs": `const { defineBackend, z } = require("modelyard/backend");
module.exports = defineBackend({ type: "six", config: z.strictObject({}), create() {} });`,
    },
    "six",
  ],
];

const isEndless = ({ name }: { name: string }) => /hangs|spins/.test(name);
const plain = (text = "") => text.replaceAll(folder, "FOLDER");

const outcomes = new Map<string, PluginOutcome>();

beforeAll(async () => {
  const all = [...bad, ...good];
  for (const [, files] of all)
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
  // It lies beside all others, whose state is looked at.
  fs.symlinkSync("circle.ts", path.join(folder, "circle.ts"));
  const named = all.map(([name]) => ({ name, from: folder }));
  const loaded = await Promise.all([
    createPluginLoader().load(named.filter((each) => !isEndless(each))),
    createPluginLoader(500).load(named.filter(isEndless)),
  ]);
  for (const outcome of loaded.flatMap((each) => each.outcomes))
    outcomes.set(outcome.plugin, outcome);
});

describe("a plugin that is wrong is set aside, and it is said what, where, and how to mend it", () => {
  it.each(bad)("%s", (name, _files, problem, remedy) => {
    const outcome = outcomes.get(name);
    expect(plain(outcome?.problem)).toMatch(problem);
    expect(plain((outcome as { remedy?: string }).remedy)).toMatch(remedy);
  });
});

describe("a plugin that is right is loaded beside it, from a folder that has no modelyard", () => {
  it.each(good)("%s", (name, _files, type) => {
    const outcome = outcomes.get(name);
    expect(outcome).not.toHaveProperty("problem");
    expect(outcome).toMatchObject({ definitions: [{ type, builtIn: true }] });
  });

  it("and the working directory is what it was", () => {
    expect(process.cwd()).toBe(directory);
  });
});
