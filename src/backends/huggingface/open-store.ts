import { resolve } from "node:path";
import { createWeightsStore, type WeightsStore } from "../../weights/store.ts";
import type { HuggingFaceConfig } from "./config.ts";

/** The folder of models that is configured, fetched into with the configured token. */
export function openStore({ cacheDir, token }: HuggingFaceConfig): WeightsStore {
  return createWeightsStore({
    directory: cacheDir === undefined ? undefined : resolve(cacheDir),
    environment: token === undefined ? undefined : { ...process.env, HF_TOKEN: token },
  });
}
