import { HttpResponse } from "./http-response.ts";

/** One header of a response, by its name in lower case, whoever's `fetch` it is from; null where it is not there. */
export function headerOf(response: Response, name: string): string | null {
  return response instanceof HttpResponse ? response.header(name) : response.headers.get(name);
}
