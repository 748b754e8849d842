import type { Discovery } from "../../contract/backend.ts";

/**
 * Finds an Ollama that runs on this device. LocalAI and SGLang answer to parts of its API, `/` included; but what they say of a path
 * that there is none, they say in other words.
 */
export const discovery: Discovery = {
  name: "ollama",
  ports: [11434],
  async recognise(url, { fetch, signal }) {
    const ask = async (path: string) => (await fetch(url + path, { signal })).text();
    const [root, version, tags, nothing] = await Promise.all([
      ask("/"),
      ask("/api/version"),
      ask("/api/tags"),
      ask("/api/nothing"),
    ]);
    const { tagsAnswer, versionAnswer } = await import("./api.ts");
    const isOllama =
      root === "Ollama is running" &&
      nothing.trim() === "404 page not found" &&
      versionAnswer.safeParse(jsonOf(version)).success &&
      tagsAnswer.safeParse(jsonOf(tags)).success;
    return isOllama ? { baseUrl: url } : undefined;
  },
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // something else listens there
  }
}
