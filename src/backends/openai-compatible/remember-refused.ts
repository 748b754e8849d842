import { isModelyardError } from "../../contract/errors.ts";
import type { Body } from "./convert/to-chat-request.ts";

/** What each model was found to refuse: left out of later requests, and told each time. */
export interface Refused {
  /** The body without what this model refuses; `warn` hears of each. */
  without(model: string, body: Body, warn: (message: string) => void): Body;
  /** Learns from a refusal; false where it names no parameter that could be left out. */
  learn(model: string, body: Body, error: unknown): boolean;
}

/** What a request makes no sense without, or what would change the answer's kind in silence. */
const needed = [
  "model",
  "messages",
  "prompt",
  "input",
  "stream",
  "tools",
  "dimensions",
  "questions",
];

/** The two names of one limit: who refuses one takes the other. */
const limits = ["max_tokens", "max_completion_tokens"] as const;

/** How a server says that it does not know a parameter, or does not take it: not that its value is wrong. */
const refusal =
  /unsupported|not (currently )?supported|n['o]t support|unrecogni[sz]ed|unknown|unexpected|not (permitted|allowed|available|accepted|implemented)|extra (inputs|fields)|extra_forbidden|unavailable|cannot be (used|specified)|no longer|deprecated|not a (valid|known) (field|argument|parameter|property)|additional propert/i;

export function createRefused(): Refused {
  const byModel = new Map<string, Set<string>>();

  return {
    without(model, body, warn) {
      const names = byModel.get(model);
      if (names === undefined) return body;
      const rest = { ...body };
      for (const name of names) {
        if (rest[name] === undefined) continue;
        const other = limits.find((each) => each !== name && !names.has(each));
        const renamed = limits.includes(name as never) ? other : undefined;
        if (renamed !== undefined) rest[renamed] = rest[name];
        delete rest[name];
        // What we ask for on our own account is nobody's loss, and neither is another name.
        if (renamed === undefined && name !== "stream_options")
          warn(`${model} does not take ${name}: it was left out.`);
      }
      return rest;
    },

    learn(model, body, error) {
      const name = refusedParameter(body, error);
      if (name === undefined) return false;
      const names = byModel.get(model) ?? new Set();
      byModel.set(model, names);
      names.add(name);
      return true;
    },
  };
}

/** The parameter of this body that a refusal names. */
function refusedParameter(body: Body, error: unknown): string | undefined {
  if (!isModelyardError(error) || error.code !== "invalid-request") return undefined;
  const { details = {}, message } = error;
  const { status, param, reason = "" } = details;
  if (status !== 400 && status !== 422) return undefined;
  if (!refusal.test(`${message} ${String(reason)}`)) return undefined;
  const sent = Object.keys(body).filter((name) => /^\w+$/.test(name) && body[name] !== undefined);
  const candidates = sent.filter((name) => !needed.includes(name));
  if (typeof param === "string") {
    const named = sent.find((name) => param.split(/[.[]/).includes(name));
    if (named !== undefined) return candidates.includes(named) ? named : undefined;
  }
  // Rust's servers list all fields they know after the one that they don't.
  const said = /unknown field [`'"](\w+)/.exec(message)?.[1] ?? message;
  const found = candidates
    .map((name) => ({ name, at: said.search(new RegExp(`\\b${name}\\b`)) }))
    .filter(({ at }) => at >= 0);
  return found.toSorted((one, other) => one.at - other.at)[0]?.name;
}
