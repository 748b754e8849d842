import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";

/** What Node imports, no test runner in between; a thread has modules of its own as a process has. */
it("another process imports what was imported here, whatever is in the files now", () => {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-sources-")));
  const url = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const files = {
    "main.ts": 'import { word } from "./word.ts";\nexport default word;',
    "word.ts": 'export const word: string = "one";',
    "thread.mjs": `
import { parentPort, workerData } from "node:worker_threads";
import { resolveOwnSubpaths } from ${JSON.stringify(import.meta.resolve("./resolve-own-subpaths.ts"))};
import { serveSources } from ${JSON.stringify(import.meta.resolve("./kept-sources.ts"))};
resolveOwnSubpaths();
serveSources(workerData.sources);
parentPort.postMessage((await import(workerData.url)).default);`,
  };
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  const script = `
import fs from "node:fs";
import { Worker } from "node:worker_threads";
import { keepSources, sourcesOf } from ${JSON.stringify(import.meta.resolve("./kept-sources.ts"))};
import { resolveOwnSubpaths, withVersion } from ${JSON.stringify(import.meta.resolve("./resolve-own-subpaths.ts"))};
keepSources();
resolveOwnSubpaths();
process.chdir(${JSON.stringify(folder)});
const first = ${JSON.stringify(url("main.ts"))};
const second = withVersion(first, 2);
const said = [(await import(first)).default];
fs.writeFileSync("word.ts", 'export const word: string = "two";');
said.push((await import(second)).default);
fs.writeFileSync("main.ts", "broken (");
fs.rmSync("word.ts");
for (const url of [first, second]) {
  const thread = new Worker("./thread.mjs", { workerData: { url, sources: sourcesOf(url) } });
  said.push(await new Promise((resolve) => thread.once("message", resolve).once("error", (error) => resolve(error.message))));
}
console.log(JSON.stringify(said));`;
  fs.writeFileSync(path.join(folder, "script.mjs"), script);
  const words = ["--disable-warning=ExperimentalWarning", path.join(folder, "script.mjs")];
  const output = execFileSync(process.execPath, words, { encoding: "utf8" });
  fs.rmSync(folder, { recursive: true });
  expect(JSON.parse(output)).toEqual(["one", "two", "one", "two"]);
});
