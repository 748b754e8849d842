// Puts what `tsc` leaves out beside what it wrote: the Python files of src/, but for those of tests.
import fs from "node:fs";
import path from "node:path";

const repository = path.join(import.meta.dirname, "..");
const source = path.join(repository, "src");

for (const file of fs.readdirSync(source, { recursive: true, encoding: "utf8" })) {
  if (!file.endsWith(".py") || file.includes("__fixtures__")) continue;
  const destination = path.join(repository, "dist", file);
  fs.mkdirSync(path.dirname(destination), { recursive: true });
  fs.copyFileSync(path.join(source, file), destination);
}
