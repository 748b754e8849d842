/** A model's name as Ollama lists it: with its tag. `smollm2` → `smollm2:latest`. */
export function fullName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1).includes(":") ? name : `${name}:latest`;
}

/** The other names that a listed model answers to. */
export function aliasesOf(name: string): string[] {
  return name.endsWith(":latest") ? [name.slice(0, -":latest".length)] : [];
}

/** The registry that a name says it comes from, without its port: `127.0.0.1:5000/library/x` → `127.0.0.1`. */
export function registryOf(name: string): string | undefined {
  const [host = "", ...rest] = name.split("/");
  return rest.length < 2 ? undefined : host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}
