import type { ChatRequest, ReasoningEffort } from "../../contract/capabilities/chat.ts";
import type { BodyContext } from "./to-body.ts";

const levels: Readonly<Record<ReasoningEffort, "low" | "medium" | "high">> = {
  none: "low",
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high",
};

/** Whether, or how much, a model is to think; undefined leaves it to the model. */
export function toThink(
  { reasoningEffort: effort, responseSchema }: ChatRequest,
  { model, description, warn }: Pick<BodyContext, "model" | "description" | "warn">,
): boolean | string | undefined {
  const { thinks, thinksInLevels } = description;
  if (!thinks) {
    if (effort !== undefined && effort !== "none")
      warn(`reasoningEffort: ${model} does not think before it answers.`);
    return undefined;
  }
  // Older versions hold the thoughts to the schema as well, and thoughts count against maxTokens.
  if (responseSchema !== undefined) {
    if (effort !== undefined && effort !== "none")
      warn("reasoningEffort: with responseSchema Ollama answers without thinking.");
    return false;
  }
  if (effort === undefined) return undefined;
  if (!thinksInLevels) return effort !== "none";
  if (effort === "none") warn(`reasoningEffort: ${model} can't be told not to think; it is "low".`);
  return levels[effort];
}
