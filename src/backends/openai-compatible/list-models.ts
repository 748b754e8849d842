import type { Model } from "../../contract/backend.ts";
import { notJson } from "../../contract/http/read-json.ts";
import { chats, toModels, toNamedModel } from "./convert/to-models.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { tellsNothing } from "./lacks-route.ts";
import { parseAnswer } from "./read-answer.ts";
import type { Profile } from "./profiles/profile.ts";
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
  if (named !== undefined) return { models: named.map(toNamedModel), none: false };
  const profile = await server.profile(context);
  const { models: path } = profile.paths;
  if (path === undefined) return { models: [], none: true };
  try {
    const text = await (await server.get(path, context)).text();
    const models = toModels(parseAnswer(text, "the list of models"));
    if (models === undefined) throw notJson(text);
    if (!profile.tellsEmbedding || (await mayEmbed(server, profile, context)))
      return { models, none: false };
    return {
      models: models.map((model) => ({ capabilities: chats, ...model })),
      none: false,
    };
  } catch (error) {
    if (!tellsNothing(error)) throw error;
    return { models: [], none: true };
  }
}

/** Whether a server gives vectors, as far as it tells; it is asked for none. */
async function mayEmbed(
  server: Server,
  { paths }: Profile,
  context: Pick<SendContext, "fetch" | "signal">,
): Promise<boolean> {
  if (paths.embedding === undefined) return false;
  try {
    const response = await server.post(paths.embedding, {}, context);
    await response.text();
    return true;
  } catch (error) {
    if (!isModelyardError(error) || context.signal.aborted) throw error;
    return error.details?.["status"] !== 501; // any other refusal is of the empty request
  }
}
