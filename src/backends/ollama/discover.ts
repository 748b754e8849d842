import type { Discovery } from "../../contract/backend.ts";
import { tagsAnswer, versionAnswer } from "./api.ts";

/**
 * Finds an Ollama that runs on this device. LocalAI and SGLang answer to parts of its API, `/` included; but what they say of a path
 * that there is none, they say in other words.
 */
export const discovery: Discovery = {
  name: "ollama",
  ports: [11434],
  async recognise(url, { fetch, signal }) {
    const [version, tags, nothing] = await Promise.all(
      ["/api/version", "/api/tags", "/api/nothing"].map((path) => fetch(url + path, { signal })),
    );
    const [versionText, tagsText, nothingText] = await Promise.all(
      [version, tags, nothing].map((response) => response?.text() ?? ""),
    );
    const isOllama =
      nothing?.status === 404 &&
      nothingText?.trim() === "404 page not found" &&
      versionAnswer.safeParse(jsonOf(versionText)).success &&
      tagsAnswer.safeParse(jsonOf(tagsText)).success;
    return isOllama ? { baseUrl: url } : undefined;
  },
};

function jsonOf(text = ""): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // something else listens there
  }
}
