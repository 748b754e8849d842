import type { Backend } from "../contract/backend.ts";
import type { AnyCapability, AnyHandler } from "../contract/capability.ts";
import { checkedHandler, invalidAnswer } from "../contract/checked-handler.ts";
import { methodAnswers } from "../contract/method-answers.ts";
import { validate } from "../contract/validate.ts";

/**
 * The same backend, of an author whose types do not hold at run time: its handlers are held to their capabilities, what it tells of its
 * health and its models to the contract. `backend`'s methods are called without it: none of them may need it as its `this`.
 */
export function checkAnswers(backend: Backend, capabilities: readonly AnyCapability[]): Backend {
  const checked = new WeakMap<AnyHandler, AnyHandler>();

  function held(name: string, handler: AnyHandler): AnyHandler {
    const capability = capabilities.find((each) => each.name === name);
    if (capability === undefined || typeof handler !== "function") return handler;
    const known = checked.get(handler) ?? checkedHandler(capability, handler);
    checked.set(handler, known);
    return known;
  }

  const { healthCheck, listModels, load } = backend;
  return {
    ...backend,
    get capabilities() {
      const handlers = Object.entries(backend.capabilities);
      return Object.fromEntries(handlers.map(([name, handler]) => [name, held(name, handler)]));
    },
    ...(healthCheck && { healthCheck: answering("healthCheck", healthCheck) }),
    ...(listModels && { listModels: answering("listModels", listModels) }),
    ...(load && { load: answering("load", load) }),
  };
}

function answering<Values extends unknown[], Answer>(
  name: keyof typeof methodAnswers,
  method: (...values: Values) => Promise<Answer>,
): (...values: Values) => Promise<Answer> {
  const what = `answer of ${name}`;
  return async (...values) => {
    const answer = await method(...values);
    validate<unknown>(methodAnswers[name], answer, { what, ...invalidAnswer });
    return answer;
  };
}
