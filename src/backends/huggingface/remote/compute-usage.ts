import type { Usage } from "../../../contract/usage.ts";

/** What Text Embeddings Inference has read for an answer: it says so in a header. Others don't. */
export function computeUsage({ headers }: Response): Usage {
  const written = headers.get("x-compute-tokens") ?? "";
  return /^\d+$/.test(written) ? { inputTokens: Number(written) } : {};
}

/** Of several answers; nothing where one of them did not count. */
export function sumUsage(usages: readonly Usage[]): Usage {
  let inputTokens = 0;
  for (const usage of usages) {
    if (usage.inputTokens === undefined) return {};
    inputTokens += usage.inputTokens;
  }
  return { inputTokens };
}
