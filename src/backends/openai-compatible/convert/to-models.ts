import type { Capability, Model } from "../../../contract/backend.ts";
import { count, field, list, text } from "./fields.ts";

/** The models of a list: OpenAI's `data`, others' `models`, or a bare array. Undefined where it is no list. */
export function toModels(answer: object): Model[] | undefined {
  const entries = [answer, field(answer, "data"), field(answer, "models")].find(Array.isArray);
  return entries?.flatMap((entry: unknown) => toModel(entry) ?? []);
}

function toModel(entry: unknown): Model | undefined {
  const id = text(field(entry, "id")) ?? text(field(entry, "name")) ?? text(entry);
  if (id === undefined) return undefined;
  const name = id.replace(/^models\//, ""); // Gemini's
  const aliases = list(field(entry, "aliases")).flatMap((alias) => text(alias) ?? []);
  const others = [...new Set(aliases)].filter((alias) => alias !== name);
  const capabilities = capabilitiesOf(entry, name);
  const contextTokens = contextOf(entry);
  const state = text(field(entry, "state"));
  return {
    ...toNamedModel(name),
    ...(others.length === 0 ? {} : { aliases: others }),
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(state === undefined ? {} : { loaded: state === "loaded" }),
  };
}

/** A model of which no more than the name is known: Ollama hands those on to a cloud that are called so, at its `/v1` too. */
export function toNamedModel(name: string): Model {
  return /[:-]cloud$/i.test(name) ? { name, privacy: "remote" } : { name };
}

/** The window under the names that servers give it; what it is run with before what it was trained for. */
function contextOf(entry: unknown): number | undefined {
  const meta = field(entry, "meta");
  const found = [
    field(entry, "loaded_context_length"),
    field(entry, "max_model_len"),
    field(meta, "n_ctx"),
    field(meta, "n_ctx_train"),
    field(field(entry, "parameters"), "max_seq_len"),
    field(entry, "context_length"),
    field(entry, "context_window"),
    field(entry, "max_context_length"),
  ].map(count);
  return found.find((tokens) => tokens !== undefined && tokens > 0);
}

/** What a model that chats can do. */
export const chats: readonly Capability[] = ["chat", "completion", "classification"];
const embeds: readonly Capability[] = ["embedding"];

const byType: Readonly<Record<string, readonly Capability[]>> = {
  llm: chats,
  vlm: chats,
  chat: chats,
  language: chats,
  code: chats,
  embedding: embeds,
  embeddings: embeds,
  image: [],
  audio: [],
  video: [],
  rerank: [],
  moderation: [],
  transcribe: [],
};

/** What a model can do, where its entry says it; any of all where it does not. */
function capabilitiesOf(entry: unknown, name: string): readonly Capability[] | undefined {
  const said = byType[text(field(entry, "type")) ?? ""];
  if (said !== undefined) return said;
  const canChat = field(field(entry, "capabilities"), "completion_chat");
  if (canChat === true) return chats;
  return /(^|[-_/.])embed(ding|dings)?($|[-_/.:])/i.test(name) ? embeds : undefined;
}
