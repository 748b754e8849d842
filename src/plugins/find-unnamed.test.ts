import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { findUnnamed } from "./find-unnamed.ts";

it("lists packages that are plugins by their name and that nobody has named", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-unnamed-"));
  for (const name of ["modelyard-backend-one", "@acme/modelyard-backend-two", "zod", "modelyard"])
    fs.mkdirSync(path.join(folder, "node_modules", name), { recursive: true });
  const dependencies = { "modelyard-backend-three": "1.0.0", "modelyard-backend-four": "1.0.0" };
  fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ dependencies }));
  expect(findUnnamed([folder, path.join(folder, "nowhere")], ["modelyard-backend-four"])).toEqual([
    "@acme/modelyard-backend-two",
    "modelyard-backend-one",
    "modelyard-backend-three",
  ]);
  fs.rmSync(folder, { recursive: true });
});
