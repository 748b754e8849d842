/** The door for authors of backends and capabilities: `modelyard/backend`. */
// So that a plugin of one file needs no package of its own.
export { z } from "zod";
export { defineBackend } from "./backend.ts";
export type {
  AnyBackendDefinition,
  Backend,
  BackendDefinition,
  BackendSetup,
  CallContext,
  Capability,
  Discovery,
  EnginePackages,
  Handler,
  Handlers,
  Health,
  Isolation,
  LoadContext,
  Log,
  Model,
  ParameterTreatment,
  ParameterTreatments,
  PullContext,
  PullResult,
  Sends,
  Upstream,
} from "./backend.ts";
export { defineCapability, deriveFrom } from "./capability.ts";
export type {
  AnyCapability,
  CapabilityNames,
  CapabilityText,
  Derivation,
  EventOf,
  HandlerOf,
  PlainCapability,
  RequestInput,
  RequestOf,
  ResultOf,
  StreamingCapability,
} from "./capability.ts";
export { builtInCapabilities } from "./capabilities.ts";
export type { CapabilityMap } from "./capabilities.ts";
export { chat, textOf } from "./capabilities/chat.ts";
export type {
  ChatEvent,
  ChatInput,
  ChatMessage,
  ChatRequest,
  ChatResult,
  ReasoningEffort,
} from "./capabilities/chat.ts";
export { classification, softmax } from "./capabilities/classification.ts";
export type {
  ClassificationInput,
  ClassificationOutput,
  ClassificationRequest,
  ClassificationResult,
} from "./capabilities/classification.ts";
export { completion } from "./capabilities/completion.ts";
export type {
  CompletionEvent,
  CompletionInput,
  CompletionRequest,
  CompletionResult,
} from "./capabilities/completion.ts";
export { embedding } from "./capabilities/embedding.ts";
export { rankDocuments, rerank } from "./capabilities/rerank.ts";
export type {
  RerankInput,
  RerankOutput,
  RerankRequest,
  RerankResult,
} from "./capabilities/rerank.ts";
export type {
  EmbeddingInput,
  EmbeddingOutput,
  EmbeddingRequest,
  EmbeddingResult,
} from "./capabilities/embedding.ts";
export type { FinishReason, TokenLogprob } from "./capabilities/generation.ts";
export { errorCodes, isModelyardError, ModelyardError, toModelyardError } from "./errors.ts";
export type { ErrorCode, ErrorOptions, SerializedError } from "./errors.ts";
export { fromClass } from "./from-class.ts";
export type { BackendClass, FromClassOptions } from "./from-class.ts";
export type { ClassLabels, ClassText, ClassVectors, WholeText } from "./read-class-answer.ts";
export { toPrompt } from "./to-prompt.ts";
export type { ToPromptOptions } from "./to-prompt.ts";
export { toTextMessages } from "./to-text-messages.ts";
export type { TextMessage } from "./to-text-messages.ts";
export { unitVector } from "./unit-vector.ts";
export { vectorFromBase64, vectorToBase64 } from "./vector-base64.ts";
export { warnOfIgnored } from "./warn-of-ignored.ts";
export { deferBackend } from "./defer-backend.ts";
export { createJsonLinesProcess } from "./json-lines-process.ts";
export type { JsonLinesProcess, JsonLinesProcessOptions } from "./json-lines-process.ts";
export { createLoadedModels } from "./loaded-models.ts";
export type { LoadedModels, ReadModel, Visit } from "./loaded-models.ts";
export type { Progress, PullProgress } from "./progress.ts";
export type { JsonSchema, Schema } from "./schema.ts";
export type { Usage } from "./usage.ts";
export type { PrivacyClass } from "./http/privacy-class.ts";
export { readEvents } from "./http/read-events.ts";
export type { ReadEventsOptions, ServerSentEvent } from "./http/read-events.ts";
export { readJsonEvents } from "./http/read-json-events.ts";
export { readJson } from "./http/read-json.ts";
export { readLines } from "./http/read-lines.ts";
export { requestJson } from "./http/request-json.ts";
export type { RequestJsonOptions } from "./http/request-json.ts";
export { responseError } from "./http/response-error.ts";
export type { FailedResponse } from "./http/response-error.ts";
