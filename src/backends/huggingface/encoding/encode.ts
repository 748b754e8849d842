import { ModelyardError } from "../../../contract/errors.ts";
import { createBreath } from "./breathe.ts";
import type { LoadedModel } from "../models/load-model.ts";
import type { JudgedInput } from "../runtime.ts";

/** One input as token ids, with the kind of each where two texts stand in one input (0 the first, 1 the second). */
export interface Encoding {
  ids: number[];
  types: number[] | undefined;
}

/** Tokenizing takes 1 s for 2 million characters; a text of this length is looked at in part first. */
const longCharacters = 200_000;
/** More than a token has on average in any text that is not mostly blank. */
const charactersPerToken = 16;

/**
 * Texts as token ids.
 * @throws ModelyardError `context-length-exceeded` with the counts where one is longer than the model's window.
 */
export async function encode(
  model: LoadedModel,
  inputs: readonly JudgedInput[],
  signal: AbortSignal,
): Promise<Encoding[]> {
  const breathe = createBreath(signal);
  const encodings: Encoding[] = [];
  for (const [index, input] of inputs.entries()) {
    await breathe();
    const name = input.name ?? nameOf(index, inputs.length);
    refuseFarTooLong(model, input.text, name);
    const encoding = encodeOne(model, input);
    const { length } = encoding.ids;
    if (length > (model.description.contextTokens ?? Infinity)) throw tooLong(model, name, length);
    if (length === 0) {
      throw new ModelyardError(
        "invalid-request",
        `${name} holds nothing that ${model.name} can read.`,
        { model: model.name },
      );
    }
    encodings.push(encoding);
  }
  return encodings;
}

/** Refuses a text by its beginning where that alone does not fit: tokenizing all of it would keep everybody else waiting. */
export function refuseFarTooLong(model: LoadedModel, text: string, name: string): void {
  const limit = model.description.contextTokens ?? Infinity;
  if (text.length <= Math.max(longCharacters, limit * charactersPerToken)) return;
  const { ids } = encodeOne(model, { text: text.slice(0, limit * charactersPerToken) });
  if (ids.length > limit) throw tooLong(model, name, ids.length, "at least ");
}

function encodeOne({ tokenizer }: LoadedModel, { text, pair }: JudgedInput): Encoding {
  const encoded = tokenizer(text, {
    ...(pair !== undefined && { text_pair: pair }),
    return_tensor: false,
  });
  return { ids: encoded.input_ids, types: encoded.token_type_ids };
}

function nameOf(index: number, total: number): string {
  return total === 1 ? "The text" : `Text ${index + 1} of ${total}`;
}

/** An input that does not fit into the model's window. */
export function tooLong(
  { name: model, description: { contextTokens } }: LoadedModel,
  name: string,
  inputTokens: number,
  atLeast = "",
): ModelyardError {
  return new ModelyardError(
    "context-length-exceeded",
    `${name} has ${atLeast}${inputTokens} tokens, and ${model} takes ${contextTokens}.`,
    {
      model,
      remedy: "Shorten or split the text, or use a model with a longer context.",
      details: { inputTokens, contextTokens },
    },
  );
}
