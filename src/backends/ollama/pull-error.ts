import { ModelyardError } from "../../contract/errors.ts";

/** What Ollama says where a pull fails: a line of an answer with status 200. */
export function pullError(message: string, model: string): ModelyardError {
  if (/file does not exist|not found|invalid model name/i.test(message)) {
    return new ModelyardError("model-not-found", `Ollama finds no model ${model} to fetch.`, {
      model,
      remedy: "Check the name and its tag in the library that it comes from.",
      details: { said: message },
    });
  }
  if (/no space left|disk full|permission denied|read-only file system/i.test(message)) {
    return new ModelyardError("storage-failed", `Ollama can't keep ${model}: ${message}`, {
      model,
      remedy: "Make room or give it the right to write, where Ollama keeps its models.",
    });
  }
  return new ModelyardError("download-failed", `Ollama could not fetch ${model}: ${message}`, {
    model,
    remedy: remedyOf(message),
  });
}

function remedyOf(message: string): string {
  if (/HTTP response to HTTPS client/i.test(message))
    return "That registry speaks plain HTTP: only one on this device may.";
  if (/newer version/i.test(message)) return "Update Ollama.";
  if (/connection refused|no such host|timeout|unreachable/i.test(message))
    return "Check that the machine of that Ollama reaches the registry; a proxy is set where Ollama is started.";
  return "Try again: it goes on where it stopped. Ollama's log says more.";
}
