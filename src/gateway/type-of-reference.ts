/** The kind of backend whose weights a reference means, or undefined for a plain name: whose that is, the lists of models tell. */
export function typeOfReference(name: string): "llama-cpp" | "huggingface" | undefined {
  if (!name.startsWith("hf:") && !pathOrUrl.test(name)) return undefined;
  return /\.gguf([?#]|$)/i.test(name) ? "llama-cpp" : "huggingface";
}

/** Whether a name, or what stands behind its backend, may mean a file of this machine or an address on any network. */
export function leadsAnywhere(name: string): boolean {
  return [name, name.slice(name.indexOf("/") + 1)].some(
    (part) => pathOrUrl.test(part) || bareFile.test(part),
  );
}

const pathOrUrl = /^(https?:\/\/|file:|\.{0,2}[/\\]|~[/\\]|[a-z]:[/\\])/i;
const bareFile = /^[^/\\:]+\.gguf$/i;
