import type { Model } from "../../contract/backend.ts";
import { notJson } from "../../contract/http/read-json.ts";
import { toModels } from "./convert/to-models.ts";
import { tellsNothing } from "./lacks-route.ts";
import { parseAnswer } from "./read-answer.ts";
import type { SendContext } from "./sender.ts";
import type { Server } from "./server.ts";

/** A server's list, and whether it is one: a server without a list takes any name. */
export interface Listed {
  readonly models: Model[];
  readonly none: boolean;
}

/** The models that a server lists, or that its configuration names. */
export async function listModels(
  server: Server,
  context: Pick<SendContext, "fetch" | "signal">,
): Promise<Listed> {
  const named = server.config.models;
  if (named !== undefined) return { models: named.map((name) => ({ name })), none: false };
  const { models: path } = (await server.profile(context)).paths;
  if (path === undefined) return { models: [], none: true };
  try {
    const text = await (await server.get(path, context)).text();
    const models = toModels(parseAnswer(text, "the list of models"));
    if (models === undefined) throw notJson(text);
    return { models, none: false };
  } catch (error) {
    if (!tellsNothing(error)) throw error;
    return { models: [], none: true };
  }
}
