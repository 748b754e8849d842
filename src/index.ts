import { deferredGateway } from "./app/open-gateway.ts";
import type { Log } from "./contract/backend.ts";
import { silentLog } from "./contract/silent-log.ts";
import type {
  CompleteModelInput,
  ConfigurationInput,
  ModelInput,
} from "./gateway/configuration.ts";
import type { PluginGiven } from "./plugins/compose-kinds.ts";
import { createModelyardOver, type Modelyard } from "./library/modelyard.ts";

export { errorCodes, isModelyardError, ModelyardError } from "./contract/errors.ts";
export type { ErrorCode } from "./contract/errors.ts";
export type { ChatEvent, ChatInput, ChatResult } from "./contract/capabilities/chat.ts";
export type {
  ClassificationInput,
  ClassificationResult,
} from "./contract/capabilities/classification.ts";
export type {
  CompletionEvent,
  CompletionInput,
  CompletionResult,
} from "./contract/capabilities/completion.ts";
export type { EmbeddingInput, EmbeddingResult } from "./contract/capabilities/embedding.ts";
export type { RerankInput, RerankResult } from "./contract/capabilities/rerank.ts";
export type { Log } from "./contract/backend.ts";
export type { Progress } from "./contract/progress.ts";
export type { Usage } from "./contract/usage.ts";
export type {
  BackendEntry,
  CallOptions,
  GatewayEvents,
  ModelEntry,
  PulledModel,
} from "./gateway/api.ts";
export type {
  CompleteModelInput,
  ConfigurationInput,
  ModelInput,
} from "./gateway/configuration.ts";
export type { Answer, AnswerOf, Origin, StreamingAnswer } from "./library/answer.ts";
export type { Modelyard } from "./library/modelyard.ts";

export interface ModelyardOptions {
  /** Kinds of backend and capabilities beside those of the configuration: what `defineBackend` or `defineCapability` gives, or a path or a package. */
  plugins?: readonly PluginGiven[];
  /** Where log lines go; nowhere where left out. */
  log?: Log;
}

/**
 * Models, called from a program: `const { text } = await modelyard.chat({ prompt: "hello" })`.
 * `config` is an object of the configuration's shape, a model that is complete by itself or a list of models, or the path of a configuration file; without it the file in its usual
 * places, and where there is none, the embedded engines and their default models. What is wrong with it, the first call says.
 */
export function createModelyard(
  config?: ConfigurationInput | CompleteModelInput | readonly ModelInput[] | string,
  { log = silentLog, plugins }: ModelyardOptions = {},
): Modelyard {
  return createModelyardOver(deferredGateway({ config, plugins, log }));
}
