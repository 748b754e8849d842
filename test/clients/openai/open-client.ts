import OpenAI from "openai";
import type { ServedPort } from "../serve-port.ts";

/** OpenAI's own client of the port, which repeats nothing by itself. */
export function openClient({ baseURL }: ServedPort): OpenAI {
  return new OpenAI({ baseURL, apiKey: "any", maxRetries: 0 });
}
