/** Whether a name is a reference to weights (`hf:owner/repo`, a path, a URL); whose a plain name is, the lists of models tell. */
export function isReference(name: string): boolean {
  return name.startsWith("hf:") || pathOrUrl.test(name);
}

/** Whether a name, or what stands behind its backend, may mean a file of this machine or an address on any network. */
export function leadsAnywhere(name: string): boolean {
  return [name, name.slice(name.indexOf("/") + 1)].some(
    (part) => pathOrUrl.test(part) || bareFile.test(part),
  );
}

const pathOrUrl = /^(https?:\/\/|file:|\.{0,2}[/\\]|~[/\\]|[a-z]:[/\\])/i;
const bareFile = /^[^/\\:]+\.gguf$/i;
