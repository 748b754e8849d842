import { isModelyardError, ModelyardError } from "../../../contract/errors.ts";
import { damaged } from "./model-folder.ts";

/** Why a model could not be read, as a clear error. */
export function loadError(thrown: unknown, model: string): ModelyardError {
  if (isModelyardError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if ((thrown as { code?: unknown } | null)?.code === "ERR_MODULE_NOT_FOUND") {
    return new ModelyardError("backend-unavailable", "The engine huggingface is not installed.", {
      model,
      remedy: "Install it with `modelyard engine install huggingface`.",
      cause: thrown,
    });
  }
  if (/bad_alloc|out of memory|failed to allocate/i.test(message)) {
    return new ModelyardError(
      "insufficient-memory",
      `${model} does not fit into the free memory.`,
      {
        model,
        remedy: 'Use a smaller model, or a smaller form of it ("dtype").',
        cause: thrown,
      },
    );
  }
  const file = /([^/\\"\s]+\.onnx[\w.]*)/.exec(message)?.[1];
  if (/protobuf|INVALID_GRAPH|external data|No graph was found|ModelProto/i.test(message))
    return damaged(model, `${file ?? "its ONNX file"} is cut short or damaged`, thrown);
  if (/JSON|Unexpected (token|end)/.test(message))
    return damaged(model, "its tokenizer.json is cut short or damaged", thrown);
  if (/not found locally/.test(message))
    return damaged(model, `${/"([^"]+)"/.exec(message)?.[1] ?? "a file"} is missing`, thrown);
  return new ModelyardError("backend-error", `${model} could not be loaded: ${message}`, {
    model,
    remedy: "See whether this version of transformers.js knows the model's architecture.",
    cause: thrown,
  });
}
