// Puts what `tsc` leaves out beside what it wrote: the Python files of src/, but for those of tests, and the templates of the command line.
import fs from "node:fs";
import path from "node:path";

const repository = path.join(import.meta.dirname, "..");
const source = path.join(repository, "src");

const isAsset = (file: string) =>
  (file.endsWith(".py") && !file.includes("__fixtures__")) || /(^|[/\\])template[/\\]/.test(file);

for (const file of fs.readdirSync(source, { recursive: true, encoding: "utf8" })) {
  if (!isAsset(file) || fs.statSync(path.join(source, file)).isDirectory()) continue;
  const destination = path.join(repository, "dist", file);
  fs.mkdirSync(path.dirname(destination), { recursive: true });
  fs.copyFileSync(path.join(source, file), destination);
}
