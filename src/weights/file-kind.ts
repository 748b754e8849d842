const kinds: [RegExp, string][] = [
  [/^\s*<(!doctype html|html|\?xml)/i, "a web page"],
  [/^PK/, "a zip archive"],
  [/^[^ -~]\u008B/, "a gzip archive"],
  [/^.{8}\{"/s, "a safetensors file"],
  [/^%PDF/, "a PDF document"],
  [/^(\u0089PNG|\u00FF\u00D8\u00FF|GIF8)/, "a picture"],
  [/^(.ELF|MZ|#!)/, "a program"],
  [/^(ggml|lmgg|tjgg|fmgg)/, "a file of the older GGML format"],
  [/^version https:\/\/git-lfs/, "the pointer that Git LFS leaves in a file's place"],
];

/** What kind of file begins so, in words; nothing of its content, which may be private. */
export function fileKind(start: Uint8Array): string {
  const text = Buffer.from(start.subarray(0, 512)).toString("latin1");
  const known = kinds.find(([pattern]) => pattern.test(text));
  if (known) return known[1];
  return /^[\t\n\f\r -~\u0080-\u00FF]+$/.test(text) ? "a text" : "something else";
}
