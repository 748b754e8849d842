import type { ChatRequest } from "../../contract/capabilities/chat.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { field } from "./convert/fields.ts";
import { tellsNothing } from "./lacks-route.ts";
import { parseAnswer } from "./read-answer.ts";
import type { Profile } from "./profiles/profile.ts";
import type { SendContext } from "./sender.ts";
import type { Server } from "./server.ts";

interface Wanted {
  readonly tools: boolean;
  readonly images: boolean;
}

/** How long what a server says of its model is believed, in milliseconds: it may be started again with another one. */
const lifetimeMs = 30_000;

/**
 * Refuses what a server would ignore in silence, where it tells what its model can do. Asked only for a request that has tools or
 * images.
 */
export function createLackingCheck(
  server: Server,
): (request: ChatRequest, profile: Profile, context: SendContext) => Promise<void> | undefined {
  let known: { at: number; properties: object } | undefined;

  async function properties(path: string, context: SendContext): Promise<object> {
    if (known !== undefined && performance.now() - known.at < lifetimeMs) return known.properties;
    let told: object = {};
    try {
      told = parseAnswer(await (await server.get(path, context)).text(), path);
    } catch (error) {
      // A proxy may pass the API alone: what the model can't do, it then has to say itself.
      if (!tellsNothing(error)) throw error;
    }
    known = { at: performance.now(), properties: told };
    return told;
  }

  async function check(path: string, wanted: Wanted, context: SendContext): Promise<void> {
    const told = await properties(path, context);
    const { model = "" } = context;
    if (wanted.tools && field(field(told, "chat_template_caps"), "supports_tools") === false)
      throw lacking(model, "call tools: its chat template has no place for them", "tools");
    if (wanted.images && field(field(told, "modalities"), "vision") === false)
      throw lacking(model, "see images", "images");
  }

  return (request, { abilities: path }, context) => {
    const tools = (request.tools?.length ?? 0) > 0 && request.toolChoice !== "none";
    const images = request.messages.some(({ content }) =>
      content.some(({ type }) => type === "image"),
    );
    if (path === undefined || !(tools || images)) return undefined;
    return check(path, { tools, images }, context);
  };
}

function lacking(model: string, what: string, rest: "tools" | "images"): ModelyardError {
  return new ModelyardError("capability-not-supported", `${model} can't ${what}.`, {
    model,
    remedy: `Use another model, or leave out the ${rest}.`,
    details: { param: rest === "images" ? "messages" : rest },
  });
}
