import { ModelyardError } from "../../contract/errors.ts";
import type { DescribedModel } from "./runtime.ts";

/** A model that is asked for what it was not made for. */
export function unable(
  { name, description }: DescribedModel,
  what: string,
  reason?: string,
): ModelyardError {
  const can = description.capabilities.join(", ");
  return new ModelyardError(
    "capability-not-supported",
    `${name} can't ${what}${reason === undefined ? "" : `: ${reason}`}.`,
    {
      model: name,
      remedy: reason === undefined ? `Use it for ${can}, or another model.` : "Use another model.",
    },
  );
}

/** A model that is made for nothing that Modelyard can use it for. */
export function ofNoUse(model: string, reason: string): ModelyardError {
  return new ModelyardError("capability-not-supported", `${model} is of no use here: ${reason}.`, {
    model,
    remedy: "Use a model for embedding, classification or text generation.",
  });
}

/** A server whose model was made for something else. */
export function serverUnable(model: string, what: string): ModelyardError {
  return new ModelyardError("capability-not-supported", `The server of ${model} can't ${what}.`, {
    model,
    remedy: "`modelyard models` shows which models can.",
  });
}

/** A request that asks for what no model here can give. */
export function refused(name: string, lacking: string): ModelyardError {
  return new ModelyardError(
    "capability-not-supported",
    `huggingface does not take ${lacking} (model ${name}).`,
    {
      model: name,
      remedy: `Leave ${lacking} out, or use a model of another backend.`,
      details: { param: lacking === "images" ? "messages" : lacking },
    },
  );
}
