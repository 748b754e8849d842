import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";

const root = path.resolve(import.meta.dirname, "..");
const read = (file: string): unknown => JSON.parse(fs.readFileSync(path.join(root, file), "utf8"));

const input = {
  description: z.string().optional(),
  format: z.enum(["string", "number", "boolean", "filepath"]).optional(),
  isSecret: z.boolean().optional(),
};

/** What the MCP registry asks of a server.json, as far as ours goes; a word that is not here would be dropped there. */
const description = z.strictObject({
  $schema: z.literal(
    "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
  ),
  name: z
    .string()
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/)
    .min(3)
    .max(200),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: z.string().regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/),
  packages: z.array(
    z.strictObject({
      registryType: z.literal("npm"),
      identifier: z.string(),
      version: z.string().regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/),
      runtimeHint: z.string(),
      packageArguments: z.array(
        z.strictObject({ type: z.literal("positional"), value: z.string() }),
      ),
      environmentVariables: z.array(z.strictObject({ name: z.string(), ...input })),
      transport: z.strictObject({ type: z.literal("stdio") }),
    }),
  ),
});

it("server.json says of this package what the MCP registry asks for", () => {
  const server = description.parse(read("server.json"));
  const manifest = read("package.json") as { name: string; version: string; mcpName: string };
  expect(server.version).toBe(manifest.version);
  // By this the registry knows that both are one author's.
  expect(manifest.mcpName).toBe(server.name);
  expect(server.packages).toMatchObject([{ identifier: manifest.name, version: manifest.version }]);
});
