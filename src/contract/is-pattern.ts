/** What Python, Rust or PCRE write and JavaScript does not, each as what JavaScript has for it. */
const foreign: readonly (readonly [RegExp, string])[] = [
  [/\(\?[a-zA-Z]+\)/g, ""],
  [/\(\?P</g, "(?<"],
  [/\(\?P=(\w+)\)/g, "(?:$1)"],
  [/\(\?>/g, "(?:"],
  [/\(\?#[^)]*\)/g, ""],
  [/([*+?}])\+/g, "$1"],
];

/**
 * Whether a schema's `pattern` is a regular expression. By the standard it is one of JavaScript's; what the servers behind take is often
 * Python's or Rust's, so that what is common there passes too. It is parsed, never run.
 */
export function isPattern(text: string): boolean {
  return (
    parses(text, "u") ||
    parses(text, "") ||
    parses(
      foreign.reduce((rest, [from, to]) => rest.replace(from, to), text),
      "",
    )
  );
}

function parses(text: string, flags: string): boolean {
  try {
    return new RegExp(text, flags) instanceof RegExp;
  } catch {
    // That it throws is the answer.
    return false;
  }
}
