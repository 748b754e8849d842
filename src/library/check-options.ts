import { ModelyardError } from "../contract/errors.ts";
import { isPrivacyClass, privacyClassRule } from "../contract/http/privacy-class.ts";
import { didYouMean } from "../contract/nearest.ts";
import type { CallOptions } from "../gateway/api.ts";

const known: Readonly<Record<keyof CallOptions, true>> = {
  model: true,
  signal: true,
  timeoutMs: true,
  onProgress: true,
  id: true,
  privacy: true,
  caller: true,
};

function checkPrivacy(given: unknown): void {
  if (given === undefined || isPrivacyClass(given)) return;
  throw new ModelyardError("invalid-request", "The option privacy names no class.", {
    remedy: privacyClassRule,
    details: { param: "privacy" },
  });
}

/** No request has these; who writes them there means the options. */
const misplaced = ["model", "signal", "timeoutMs", "onProgress", "privacy"] as const;

/**
 * Not every program is typed: an option that nobody knows must not be passed over, nor one that stands in the request.
 * @throws ModelyardError `invalid-request`
 */
export function checkOptions(request: unknown, options: CallOptions): void {
  const option = misplaced.find(
    (name) => typeof request === "object" && request !== null && Object.hasOwn(request, name),
  );
  if (option !== undefined) {
    throw new ModelyardError("invalid-request", `${option} is no part of the request.`, {
      remedy: `Give it in the second argument: { ${option}: … }.`,
    });
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return checkPrivacy(options.privacy);
  throw new ModelyardError(
    "invalid-request",
    `There is no option ${JSON.stringify(unknown)}.${didYouMean(unknown, Object.keys(known))}`,
    { remedy: `The options of a call are ${Object.keys(known).join(", ")}.` },
  );
}
