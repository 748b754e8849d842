import { isModelyardError } from "../errors.ts";
import { HttpResponse } from "./http-response.ts";

export interface ReadBeginningOptions {
  /** As many characters are enough. */
  readonly mostCharacters?: number;
  /** How long it may take, in milliseconds. */
  readonly limitMs?: number;
}

/**
 * What a refusal says, as far as it comes: its status alone is an answer, and a body that is too long, too slow, or breaks off must not
 * keep the caller waiting, nor take its place. By default 64 Ki characters, and two seconds. Closes the connection where there is more.
 * @throws the reason of an abort
 */
export async function readBeginning(
  response: Response,
  { mostCharacters = 64 * 1024, limitMs = 2_000 }: ReadBeginningOptions = {},
): Promise<string> {
  if (!(response instanceof HttpResponse)) return response.text();
  const decoder = new TextDecoder();
  let text = "";
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    response.destroy();
  }, limitMs);
  try {
    for await (const chunk of response.chunks()) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= mostCharacters) break;
    }
  } catch (error) {
    const broken = isModelyardError(error) && error.code === "stream-interrupted";
    if (!late && !broken) throw error;
  } finally {
    clearTimeout(timer);
  }
  return text;
}
