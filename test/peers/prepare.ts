import { MissingIngredient } from "./missing-ingredient.ts";
import { preparedOllamaStore } from "./ollama-store.ts";
import { debianPackage } from "./debian-package.ts";

/** Makes what takes minutes before any test runs, where its progress is seen. What can't be had, the tests that need it say. */
export default async function prepare(): Promise<void> {
  for (const ingredient of [preparedOllamaStore, () => debianPackage("docker-registry")])
    await ingredient().catch((error: unknown) => {
      if (!(error instanceof MissingIngredient)) throw error;
      process.stderr.write(`peers: ${error.message}\n`);
    });
}
