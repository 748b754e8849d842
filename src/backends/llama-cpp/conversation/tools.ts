import type { ChatModelFunctions } from "node-llama-cpp";
import type { ChatRequest } from "../../../contract/capabilities/chat.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import { didYouMean } from "../../../contract/nearest.ts";
import { toGrammarSchema, type GrammarSchema } from "./json-schema.ts";

/** A tool as the library knows it. */
export interface ToolFunction {
  name: string;
  description?: string;
  params?: GrammarSchema;
}

/**
 * The tools that an answer may call: all, or the one that it must.
 * @throws ModelyardError `invalid-request` where the tool that must be called is not there, or a schema can't be held.
 */
export function toolsOf({ tools = [], toolChoice }: ChatRequest): ToolFunction[] {
  if (toolChoice === "none") return [];
  const functions = tools.map(({ name, description, inputSchema }, index): ToolFunction => {
    const params = toGrammarSchema(
      { type: "object", ...inputSchema },
      `tools[${index}].inputSchema`,
    );
    const takesNothing =
      Object.keys((inputSchema["properties"] as object | undefined) ?? {}).length === 0;
    return {
      name,
      ...(description === undefined ? {} : { description }),
      ...(takesNothing ? {} : { params }),
    };
  });
  if (typeof toolChoice !== "object") return functions;
  const chosen = functions.filter(({ name }) => name === toolChoice.toolName);
  if (chosen.length > 0) return chosen;
  const names = functions.map(({ name }) => name);
  throw new ModelyardError(
    "invalid-request",
    `toolChoice names ${JSON.stringify(toolChoice.toolName)}, which is not among the tools.${didYouMean(toolChoice.toolName, names)}`,
  );
}

/** Whether the answer has to be a call. */
export function mustCall({ toolChoice }: ChatRequest): boolean {
  return toolChoice === "required" || typeof toolChoice === "object";
}

/** Tools by name, as the library takes them. */
export function toFunctions(tools: readonly ToolFunction[]): ChatModelFunctions {
  return Object.fromEntries(
    tools.map(({ name, ...rest }) => [name, rest]),
  ) as unknown as ChatModelFunctions;
}
