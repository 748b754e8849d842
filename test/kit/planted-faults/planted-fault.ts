import { z } from "zod";
import {
  defineBackend,
  readJsonEvents,
  requestJson,
  textOf,
  warnOfIgnored,
} from "../../../src/contract/index.ts";
import type {
  AnyBackendDefinition,
  Backend,
  BackendDefinition,
  BackendSetup,
  CallContext,
  ChatEvent,
  ChatRequest,
  Handlers,
} from "../../../src/contract/index.ts";
import type { KitOptions } from "../../../src/testing/index.ts";

/** A small wrong backend, and the check that must find it. */
export interface PlantedFault {
  /** What is wrong with it. */
  readonly name: string;
  readonly definition: AnyBackendDefinition;
  /** The check that names the fault: its chapter alone is run. */
  readonly caughtBy: string;
  /** Other checks of that chapter that can't but see it too. */
  readonly also?: readonly string[];
  readonly options?: KitOptions;
  /** Whose API it speaks, where it has an upstream: OpenAI's, or that of the examples. */
  readonly server?: "openai" | "acme";
}

const noConfig = z.strictObject({});
export const serverConfig = z.strictObject({ baseUrl: z.url(), apiKey: z.string().optional() });
type ServerConfig = z.output<typeof serverConfig>;
export type ServerSetup = BackendSetup<ServerConfig>;

/** A backend that sends nothing. */
export function closure(
  handlers: Handlers,
  more: Partial<Backend> = {},
  definition: Partial<BackendDefinition> = {},
): AnyBackendDefinition {
  return defineBackend({
    type: "planted",
    config: noConfig,
    sends: "nothing",
    ...(definition as object),
    create: () => ({ capabilities: handlers, ...more }),
  });
}

type Chat = NonNullable<Handlers["chat"]>;

/** One that chats with a server, as `chat` does it. */
export function overHttp(
  chat: (setup: ServerSetup) => Chat,
  more: (setup: ServerSetup) => Partial<Backend> = () => ({}),
  definition: Partial<BackendDefinition> = {},
): AnyBackendDefinition {
  return defineBackend({
    type: "planted",
    config: serverConfig,
    upstream: ({ baseUrl }) => ({ url: baseUrl }),
    ...(definition as object),
    create: (setup: ServerSetup) => ({ capabilities: { chat: chat(setup) }, ...more(setup) }),
  }) as AnyBackendDefinition;
}

/** An answer a word at a time, with its end: right by itself. */
export async function* say(text: string): AsyncGenerator<ChatEvent> {
  const words = text.split(/(?<= )/);
  for (const word of words) yield { type: "text-delta", text: word };
  yield { type: "finish", reason: "stop", usage: { outputTokens: words.length } };
}

/** What was asked last. */
export function lastText({ messages }: ChatRequest): string {
  return textOf(messages.at(-1)!);
}

export const answer = "one two three four five six seven";

/** An event of its server. */
export const Chunk = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ content: z.string().nullish() }),
      finish_reason: z.string().nullish(),
    }),
  ),
});

/** What is sent for a chat: right by itself. */
export function toBody({ messages }: ChatRequest, model: string): Record<string, unknown> {
  return {
    model,
    messages: messages.map((message) => ({ role: message.role, content: textOf(message) })),
    stream: true,
  };
}

/** The request of a chat, its parameters warned of: right by itself. */
export function send(
  request: ChatRequest,
  context: CallContext,
  { config }: ServerSetup,
  body: object = toBody(request, context.model),
): Promise<Response> {
  const { messages: _, ...rest } = request;
  warnOfIgnored(rest, context);
  warnOfImages(request, context);
  const headers = config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` };
  return requestJson(context.fetch, `${config.baseUrl}/v1/chat/completions`, { body, headers });
}

export function warnOfImages(
  { messages }: Pick<ChatRequest, "messages">,
  { warn }: Pick<CallContext, "warn">,
): void {
  if (messages.some(({ content }) => content.some(({ type }) => type === "image")))
    warn("Images are ignored.");
}

/** The events of a server's answer: right by itself. */
export async function* read(response: Response): AsyncGenerator<ChatEvent> {
  let isEnded = false;
  for await (const { choices } of readJsonEvents(response, Chunk)) {
    const { delta, finish_reason: reason } = choices[0] ?? {};
    if (delta?.content) yield { type: "text-delta", text: delta.content };
    isEnded ||= typeof reason === "string";
  }
  if (isEnded) yield { type: "finish", reason: "stop", usage: {} };
}

/** A chat with a server that is right in all: faults change one thing of it. */
export function rightChat(setup: ServerSetup): Chat {
  return async function* chat(request, context) {
    yield* read(await send(request, context, setup));
  };
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
