import { ModelyardError } from "../../contract/errors.ts";
import type { FaceCallOptions } from "../../gateway/api.ts";

/** What the call of each request is known by. The first keeps the id, the others have a number after it. */
export function idOfCall(id: string, choice: number): string {
  return choice === 0 ? id : `${id}.${choice}`;
}

/**
 * Makes one call for each request, all at the same time. Where one fails, the others are cancelled, and it is told once they have ended.
 */
export function callEach<Answer>(
  requests: readonly object[],
  options: FaceCallOptions,
  call: (request: object, options: FaceCallOptions, choice: number) => Promise<Answer>,
): Promise<Answer[]> {
  const [only, ...others] = requests;
  if (only !== undefined && others.length === 0)
    return call(only, options, 0).then((answer) => [answer]);
  return callAll(requests, options, call);
}

async function callAll<Answer>(
  ...[requests, options, call]: Parameters<typeof callEach<Answer>>
): Promise<Answer[]> {
  const failing = new AbortController();
  const { id, controller, ...others } = options;
  const given = controller?.signal ?? others.signal;
  const signal = given === undefined ? failing.signal : AbortSignal.any([given, failing.signal]);
  const answers = requests.map((request, choice) =>
    call(
      request,
      {
        ...others,
        signal,
        ...(id === undefined ? {} : { id: idOfCall(id, choice) }),
      },
      choice,
    ),
  );
  try {
    return await Promise.all(answers);
  } catch (error) {
    failing.abort(new ModelyardError("cancelled", "Another answer to this request has failed."));
    await Promise.allSettled(answers);
    throw error;
  }
}
