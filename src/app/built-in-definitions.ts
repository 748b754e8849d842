import type { AnyBackendDefinition } from "../contract/backend.ts";

/** The kinds of backend that come with us. */
export async function builtInDefinitions(): Promise<readonly AnyBackendDefinition[]> {
  const modules = await Promise.all([
    import("../backends/llama-cpp/index.ts"),
    import("../backends/huggingface/index.ts"),
    import("../backends/ollama/index.ts"),
    import("../backends/openai-compatible/index.ts"),
    import("../backends/ai-sdk/index.ts"),
    import("../backends/echo.ts"),
  ]);
  return modules.map((each) => each.default);
}
