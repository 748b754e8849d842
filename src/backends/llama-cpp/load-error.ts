import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { callableName } from "../../weights/stored-model.ts";

/** Why a model could not be read, as a clear error: the library's own says little, what it logged meanwhile says more. */
export function loadError(
  thrown: unknown,
  { model, path, said }: { model: string; path: string; said: readonly string[] },
): ModelyardError {
  if (isModelyardError(thrown)) return thrown;
  const name = thrown instanceof Error ? thrown.name : "";
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const log = said.join("\n");
  const options = { model, cause: thrown };
  if (/ENOENT/.test(message)) {
    return new ModelyardError(
      "model-not-found",
      `${model} is not here: there is no file ${path}.`,
      {
        ...options,
        remedy: `Fetch it with \`modelyard pull ${called(model)}\`.`,
      },
    );
  }
  if (
    name === "InsufficientMemoryError" ||
    /insufficient|out of memory|failed to allocate/i.test(`${message}\n${log}`)
  ) {
    return new ModelyardError(
      "insufficient-memory",
      `${model} does not fit into the free memory: ${message}`,
      {
        ...options,
        remedy: 'Use a smaller model, or set a smaller "contextSize".',
      },
    );
  }
  if (name === "InvalidGgufMagicError" || /invalid magic|not a gguf/i.test(log)) {
    return damaged(`${model} is not a GGUF file.`, model, options);
  }
  if (
    /corrupted or incomplete|not within the file bounds|unexpected end|out of range/i.test(
      `${message}\n${log}`,
    )
  ) {
    return damaged(`The file of ${model} is cut short or damaged.`, model, options);
  }
  const reason = said.findLast((line) => /error|failed|unknown|unsupported/i.test(line));
  return new ModelyardError("backend-error", `${model} could not be loaded: ${reason ?? message}`, {
    ...options,
    remedy: "See whether this version of llama.cpp knows the model's architecture.",
  });
}

function called(name: string): string {
  return callableName({ name, engine: "llama-cpp" });
}

function damaged(message: string, model: string, options: object): ModelyardError {
  return new ModelyardError("storage-failed", message, {
    ...options,
    remedy: `Fetch it again: \`modelyard remove ${called(model)}\`, then \`modelyard pull ${called(model)}\`.`,
  });
}
