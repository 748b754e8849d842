import { ModelyardError } from "../../contract/errors.ts";
import { quote } from "../../contract/http/quote.ts";

/**
 * A `fetch` that takes a page for no answer: providers find no events in one, and think it a stream that was cut.
 * @throws {ModelyardError} `invalid-response`
 */
export function refusePages(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const type = response.headers.get("content-type") ?? "";
    if (!response.ok || !/^text\/html\b/i.test(type)) return response;
    const { host, pathname } = new URL(input instanceof Request ? input.url : input);
    throw new ModelyardError(
      "invalid-response",
      `${host}${pathname} is a page, not an API: ${quote(await response.text())}.`,
      { remedy: "Check options.baseURL: most providers want it with its version, as in …/v1." },
    );
  };
}
