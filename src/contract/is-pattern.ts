/** What Python, Rust or PCRE write and JavaScript does not, each as what JavaScript has for it. */
const foreign: readonly (readonly [RegExp, string])[] = [
  [/\(\?[a-zA-Z]+\)/g, ""],
  [/\(\?P</g, "(?<"],
  [/\(\?P=(\w+)\)/g, "(?:$1)"],
  [/\(\?>/g, "(?:"],
  // Also one that never ends: to look for its end from each beginning anew takes hours where there are many.
  [/\(\?#[^)]*\)?/g, ""],
  [/([*+?}])\+/g, "$1"],
];

/** In characters. V8's parser takes seconds for some that are a few hundred thousand long, and nothing else is answered meanwhile. */
const longestParsed = 1_000;

/**
 * Whether a schema's `pattern` is a regular expression. By the standard it is one of JavaScript's; what the servers behind take is often
 * Python's or Rust's, so that what is common there passes too. It is parsed, never run; one that is very long is taken as it stands.
 */
export function isPattern(text: string): boolean {
  return (
    text.length > longestParsed ||
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
