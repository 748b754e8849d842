import type { CallContext } from "../../../contract/backend.ts";
import type { CompletionEvent } from "../../../contract/capabilities/completion.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import type { Visit } from "../../../contract/loaded-models.ts";
import { mostTokens, turnEnds } from "../generation/generate.ts";
import { samplingOf } from "../generation/sample.ts";
import { splitReasoning } from "../generation/split-reasoning.ts";
import { createStopScanner } from "../generation/stop-scanner.ts";
import type { GenerationOptions, Runtime, Turn } from "../runtime.ts";
import type { PythonModel } from "./load-python-model.ts";
import type { WorkerEvent } from "./worker-messages.ts";
import type { WorkerProcess } from "./worker-process.ts";

type Prompt = { messages: readonly Turn[]; template: string } | { prompt: string };
type Answer = AsyncGenerator<WorkerEvent, void>;

/** Runs models in the Python child. */
export function createPythonRuntime(worker: WorkerProcess): Runtime<PythonModel> {
  function generate(
    { model, signal }: Visit<PythonModel>,
    prompt: Prompt,
    options: GenerationOptions,
    { warn }: CallContext,
  ): Answer {
    const { maxTokens } = options;
    return worker.request(
      {
        do: "generate",
        model: model.name,
        mostTokens,
        turnEnds,
        sampling: samplingOf(options, model.folder, warn),
        ...(maxTokens !== undefined && { maxTokens }),
        ...prompt,
      },
      { signal },
    );
  }

  return {
    async embed({ model, signal }, texts, prefix) {
      const request = { do: "embed", model: model.name, texts, prompt: prefix } as const;
      const vectors: number[][] = [];
      let inputTokens = 0;
      for await (const event of worker.request(request, { signal })) {
        if (event.type !== "vectors") continue;
        for (const [row, place] of event.places.entries())
          vectors[place] = event.vectors[row] ?? [];
        inputTokens += event.tokens;
      }
      refuseHoles(model, vectors, texts.length);
      return { vectors, inputTokens };
    },

    async judge({ model, signal }, inputs) {
      const logits: number[][] = [];
      let inputTokens = 0;
      const request = { do: "logits", model: model.name, inputs } as const;
      for await (const event of worker.request(request, { signal })) {
        if (event.type !== "logits") continue;
        for (const [row, place] of event.places.entries()) logits[place] = event.logits[row] ?? [];
        inputTokens += event.tokens;
      }
      refuseHoles(model, logits, inputs.length);
      return { logits, inputTokens };
    },

    async *chat(visit, { turns, template }, options, context) {
      const answer = generate(visit, { messages: turns, template }, options, context);
      const first = await firstOf(answer);
      yield* splitReasoning(toEvents(answer, first.inputTokens, options), first.thinking);
    },

    async *complete(visit, prompt, options, context) {
      const answer = generate(visit, { prompt }, options, context);
      const { inputTokens } = await firstOf(answer);
      yield* toEvents(answer, inputTokens, options);
    },
  };
}

/** What the worker says of the prompt, before any text. */
async function firstOf(answer: Answer): Promise<Extract<WorkerEvent, { type: "prompt" }>> {
  const { value } = await answer.next();
  if (value?.type === "prompt") return value;
  await answer.return();
  throw noAnswer();
}

/** The worker's events as the contract's; a stop text ends the answer, and the worker is told by our leaving. */
async function* toEvents(
  answer: Answer,
  inputTokens: number,
  { stop }: GenerationOptions,
): AsyncGenerator<CompletionEvent> {
  const scanner = createStopScanner(stop ?? []);
  for await (const event of answer) {
    if (event.type === "text") {
      const { outputTokens } = event;
      const { text, stopped } = scanner.feed(event.text);
      if (text !== "") yield { type: "text-delta", text };
      if (stopped) {
        yield { type: "finish", reason: "stop", usage: { inputTokens, outputTokens } };
        return;
      }
    } else if (event.type === "finish") {
      const { reason, outputTokens } = event;
      const rest = scanner.flush();
      if (rest !== "") yield { type: "text-delta", text: rest };
      yield { type: "finish", reason, usage: { inputTokens, outputTokens } };
      return;
    }
  }
  throw noAnswer();
}

function noAnswer(): ModelyardError {
  return new ModelyardError("stream-interrupted", "The Python worker ended without an answer.");
}

function refuseHoles({ name }: PythonModel, rows: readonly number[][], wanted: number): void {
  for (let place = 0; place < wanted; place++)
    if (rows[place] === undefined)
      throw new ModelyardError("invalid-response", `${name} left out input ${place + 1}.`, {
        model: name,
      });
}
