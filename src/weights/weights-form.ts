/** The forms of an ONNX model's weights, as transformers.js names them, and what each form's file is called after: `onnx/model<suffix>.onnx`. */
export const onnxSuffixes = {
  q8: "_quantized",
  int8: "_int8",
  uint8: "_uint8",
  q4: "_q4",
  q4f16: "_q4f16",
  fp16: "_fp16",
  fp32: "",
  bnb4: "_bnb4",
  q2: "_q2",
  q2f16: "_q2f16",
  q1: "_q1",
  q1f16: "_q1f16",
} as const;

export type OnnxForm = keyof typeof onnxSuffixes;

/** A form of a model's weights. `pytorch`: safetensors, or the `.bin` files before them. */
export type WeightsForm = OnnxForm | "pytorch";

/** The forms that a folder's files hold, by their paths below it. */
export function formsIn(paths: Iterable<string>): WeightsForm[] {
  const all = new Set(paths);
  const onnx = Object.entries(onnxSuffixes).flatMap(([form, suffix]) =>
    all.has(`onnx/model${suffix}.onnx`) ? [form as OnnxForm] : [],
  );
  return [...all].some((path) => pytorchWeights.test(path)) ? [...onnx, "pytorch"] : onnx;
}

/** Weights as PyTorch reads them; a large model is cut into numbered parts. */
export const pytorchWeights = /^(model|pytorch_model)(-\d{5}-of-\d{5})?\.(safetensors|bin)$/;
