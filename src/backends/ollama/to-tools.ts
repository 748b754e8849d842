import type { ChatRequest } from "../../contract/capabilities/chat.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { didYouMean } from "../../contract/nearest.ts";
import type { BodyContext } from "./to-body.ts";

/** A tool as `/api/chat` takes it. */
export interface OllamaTool {
  type: "function";
  function: { name: string; description?: string; parameters: object };
}

/** The tools that a request offers. Ollama has no `tool_choice`: that a tool must be called can't be had, and is told. */
export function toTools(
  { tools = [], toolChoice, responseSchema }: ChatRequest,
  { model, description, warn }: Pick<BodyContext, "model" | "description" | "warn">,
): OllamaTool[] {
  if (tools.length === 0 && toolChoice === "required")
    warn("toolChoice: there are no tools to call; the model answers in words.");
  if (tools.length === 0 || toolChoice === "none") return [];
  if (!description.usesTools) {
    throw new ModelyardError("capability-not-supported", `${model} can't call tools.`, {
      model,
      remedy: "Ask a model that can, such as qwen3 or llama3.2, or leave the tools out.",
      details: { param: "tools" },
    });
  }
  if (responseSchema !== undefined) {
    throw new ModelyardError(
      "invalid-request",
      "Ollama can't offer tools and hold the answer to a schema at once.",
      { remedy: 'Leave out either tools or responseSchema, or set toolChoice to "none".' },
    );
  }
  return chosen(tools, toolChoice, warn).map(({ name, description: does, inputSchema }) => ({
    type: "function",
    function: {
      name,
      ...(does === undefined ? {} : { description: does }),
      parameters: { type: "object", properties: {}, ...inputSchema },
    },
  }));
}

type Tools = NonNullable<ChatRequest["tools"]>;

function chosen(tools: Tools, choice: ChatRequest["toolChoice"], warn: BodyContext["warn"]): Tools {
  if (choice === "required") warn("toolChoice: Ollama can't require a call; the model decides.");
  if (typeof choice !== "object") return tools;
  const only = tools.filter(({ name }) => name === choice.toolName);
  const names = tools.map(({ name }) => name);
  if (only.length === 0) {
    throw new ModelyardError(
      "invalid-request",
      `toolChoice names ${JSON.stringify(choice.toolName)}, which is not among the tools.${didYouMean(choice.toolName, names)}`,
      { remedy: "Name one of the tools, or leave toolChoice out." },
    );
  }
  warn(
    `toolChoice: Ollama can't require a call; ${choice.toolName} alone is offered, and the model decides.`,
  );
  return only;
}
