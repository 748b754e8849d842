import { errorCodes, isModelyardError, ModelyardError, placeError } from "../contract/errors.ts";
import { endSentence } from "../contract/tell-error.ts";
import type { Call, Candidate, Middleware, Next, Reply } from "./call.ts";
import { orderCandidates } from "./order-candidates.ts";
import { nameOf } from "./story.ts";

/** Tries one target after the other, in the order that the alias's strategy gives, as long as nothing has reached the caller. */
export const fallback: Middleware = (call, next) =>
  call.candidates.length > 1 ? inTurn(call, next) : alone(call, next);

function alone(call: Call, next: Next): Promise<Reply> {
  return next({ ...call, candidates: [] }).catch((thrown: unknown) => {
    throw isModelyardError(thrown) ? tellLeftOut(placeError(thrown, call.target), call) : thrown;
  });
}

async function inTurn(call: Call, next: Next): Promise<Reply> {
  const failures: ModelyardError[] = [];
  let left = orderCandidates(call.candidates, call.routing.strategy);
  /** Those that have just come back and were spared: they are asked after all where no other one serves. */
  const spared = new Set<Candidate>();
  for (;;) {
    const [candidate = call, ...others] = left;
    const { target, backend } = candidate;
    try {
      return await next({ ...call, target, backend, candidates: others });
    } catch (thrown) {
      if (!isModelyardError(thrown)) throw thrown;
      const error = placeError(thrown, target);
      if (error.details?.["spared"] === true && !spared.has(candidate)) {
        spared.add(candidate);
        left = [...others, candidate];
        continue;
      }
      failures.push(error);
      left = mayHandOn(error, call) ? others.filter((each) => mayServe(each, error, call)) : [];
      if (left.length === 0) throw tellLeftOut(summarise(failures), call);
    }
  }
}

function mayHandOn({ code }: ModelyardError, { signal, routing }: Call): boolean {
  return !signal.aborted && (errorCodes[code].fallback || routing.fallbackOn.includes(code));
}

/** A prompt that was too long for one window goes where there is a larger one, or where nobody knows. */
function mayServe({ backend, target }: Candidate, error: ModelyardError, { story }: Call): boolean {
  if (error.code !== "context-length-exceeded") return true;
  const { inputTokens = 0, contextTokens = 0 } = (error.details ?? {}) as Record<string, number>;
  const window = backend.contextTokensOf(target.model);
  if (window === undefined || window > Math.max(inputTokens, contextTokens)) return true;
  story.skipped(target, `its window of ${window} tokens is no larger`);
  return false;
}

/** Where others might have served that privacy left out, the caller is told which: the alias seems to have them. */
function tellLeftOut(error: ModelyardError, call: Call): ModelyardError {
  if (!mayHandOn(error, call)) return error;
  const names = new Set(call.candidates.map(({ target }) => nameOf(target)));
  const out = call.story.steps.flatMap((step) =>
    step.did === "skipped" && !names.has(step.target) ? [`${step.target} (${step.reason})`] : [],
  );
  if (out.length === 0) return error;
  const leftOut = `Left out: ${out.join(", ")}; the alias's allowWider and the privacy of call, key and configuration decide.`;
  const remedy = error.remedy === undefined ? leftOut : `${endSentence(error.remedy)} ${leftOut}`;
  return new ModelyardError(error.code, error.message, { ...error, remedy, cause: error });
}

/** The last failure that a target itself gave, with what went wrong before it. */
function summarise(failures: readonly ModelyardError[]): ModelyardError {
  const told = failures.findLast(({ details }) => details?.["limit"] !== "circuit") ?? failures[0]!;
  if (failures.length === 1) return told;
  const others = failures.filter((each) => each !== told);
  const said = others.map(({ code, message, backend = "", model = "" }) => {
    return `${nameOf({ backend, model })}: ${code}: ${endSentence(message)}`;
  });
  const waits = failures.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  return new ModelyardError(
    told.code,
    `${endSentence(told.message)} Other targets failed too: ${said.join(" ")}`,
    {
      ...told,
      cause: told,
      ...(waits.length === 0 ? {} : { retryAfterMs: Math.min(...waits) }),
      details: {
        ...told.details,
        failures: failures.map(({ code, backend, model }) => ({ code, backend, model })),
      },
    },
  );
}
