/** What is asked. All of it is made, none of it random, and each begins with its own mark so that no prefix is found in a cache. */

/** Asks for more than 256 tokens. */
export function storyPrompt(mark: number | string, hero = "a sailor"): string {
  return `Write a long story about ${hero} who counts all the stars, one at a time, with many details. ${mark}`;
}

/** A prompt of about 29 tokens a fact. Two that differ in length alone begin alike: give them different marks. */
export function factsPrompt(mark: number | string, facts: number): string {
  const lines = Array.from({ length: facts }, (_, index) => {
    const town = "ABCDEFGH"[index % 8];
    return `Fact ${index}: the river number ${index * 7} runs past the town of ${town}ville and is ${index * 13} km long.`;
  });
  return `Run ${mark}.\n${lines.join("\n")}\nWhich river is the longest?`;
}

const vocabulary =
  "river mountain city garden window teacher winter bread music letter engine forest doctor market silver bridge summer paper island kitchen planet soldier yellow village morning camera ocean history farmer coffee".split(
    " ",
  );

/** So many texts of so many words, no two alike. */
export function texts(count: number, words: number): string[] {
  return Array.from({ length: count }, (_, text) =>
    Array.from(
      { length: words },
      (_word, index) => vocabulary[(text * 7 + index * (1 + (text % 11))) % vocabulary.length],
    ).join(" "),
  ).map((text, index) => `${text} ${index}`);
}
