import { HttpResponse } from "./http-response.ts";

/** A response's body as it comes, whoever's `fetch` it is from. To stop reading closes the connection. */
export function chunksOf(response: Response): AsyncIterable<Uint8Array> {
  if (response instanceof HttpResponse) return response.chunks();
  return response.body ?? empty();
}

async function* empty(): AsyncGenerator<Uint8Array> {}
