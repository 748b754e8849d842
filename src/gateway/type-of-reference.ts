/** The kind of backend whose weights a reference means, or undefined for a plain name: whose that is, the lists of models tell. */
export function typeOfReference(name: string): "llama-cpp" | "huggingface" | undefined {
  if (!isReference(name)) return undefined;
  return /\.gguf([?#]|$)/i.test(name) ? "llama-cpp" : "huggingface";
}

/** `hf:owner/repo/file.gguf`, a URL, or a path. */
function isReference(name: string): boolean {
  return /^(hf:|https?:\/\/|file:|\.{0,2}\/|~\/|[A-Za-z]:[\\/])/.test(name);
}
