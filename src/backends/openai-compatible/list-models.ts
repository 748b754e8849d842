import type { Model } from "../../contract/backend.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { notJson } from "../../contract/http/read-json.ts";
import { toModels } from "./convert/to-models.ts";
import { parseAnswer } from "./read-answer.ts";
import type { SendContext } from "./send.ts";
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
  const { profile, upstream } = await server.ready(context);
  const { models: path } = profile.paths;
  if (path === undefined) return { models: [], none: true };
  try {
    const text = await (await upstream.get(path, context)).text();
    const models = toModels(parseAnswer(text, "the list of models"));
    if (models === undefined) throw notJson(text);
    return { models, none: false };
  } catch (error) {
    if (!hasNoList(error)) throw error;
    return { models: [], none: true };
  }
}

/** It has none, or a key may use models but not list them. */
function hasNoList(error: unknown): boolean {
  return (
    isModelyardError(error) && [403, 404, 405, 501].includes(error.details?.["status"] as number)
  );
}
