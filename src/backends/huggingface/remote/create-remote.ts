import type { Backend, BackendSetup } from "../../../contract/backend.ts";
import { deferBackend } from "../../../contract/defer-backend.ts";
import type { HuggingFaceConfig } from "../config.ts";

/** Models that run elsewhere: at Inference Providers, or on the server that `baseUrl` names. Its code is loaded by its first use. */
export function createRemote(setup: BackendSetup<HuggingFaceConfig>): Backend {
  let opened: Backend | undefined;
  const own = ["chat", "embedding", "classification"] as const;
  const deferred = deferBackend(
    {
      // Inference Providers only chat; their completion is derived.
      capabilities: setup.config.baseUrl === undefined ? own : [...own, "completion", "rerank"],
      methods: ["listModels", "healthCheck"],
    },
    async () => (opened = (await import("./open-remote.ts")).openRemote(setup)),
  );
  return { ...deferred, takesAnyModel: () => opened?.takesAnyModel?.() ?? true };
}
