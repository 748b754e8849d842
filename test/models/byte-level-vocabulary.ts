/** GGUF's numbers for what a token is. */
const normal = 1;
const control = 3;

/** GPT-2's letter for each byte: printable bytes stand for themselves, the others for letters from 256 on. */
const byteLetters = new Map<number, string>();
const isPrintable = (byte: number) =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
const bytes = Array.from({ length: 256 }, (_, byte) => byte);
for (const byte of bytes.filter(isPrintable)) byteLetters.set(byte, String.fromCodePoint(byte));
for (const [index, byte] of bytes.filter((one) => !isPrintable(one)).entries())
  byteLetters.set(byte, String.fromCodePoint(256 + index));

/**
 * A byte-level BPE vocabulary, as GPT-2 has it: all 256 bytes, so that any input can be taken, then control tokens and words.
 * A word is joined from its bytes by merges from left to right, and each of its beginnings is a token too.
 */
export class ByteLevelVocabulary {
  readonly tokens: string[] = [...byteLetters.values()];
  readonly types: number[] = this.tokens.map(() => normal);
  readonly merges: string[] = [];
  private readonly ids = new Map(this.tokens.map((token, id) => [token, id]));

  addControl(token: string): number {
    return this.add(token, control);
  }

  /** The id of this text as one token; it is added where it is not there yet. */
  id(text: string): number {
    const letters = Array.from(Buffer.from(text, "utf8"), (byte) => byteLetters.get(byte) ?? "");
    let word = letters[0] ?? "";
    for (const letter of letters.slice(1)) {
      if (!this.ids.has(word + letter)) {
        this.merges.push(`${word} ${letter}`);
        this.add(word + letter, normal);
      }
      word += letter;
    }
    const id = this.ids.get(word);
    if (id === undefined) throw new Error("An empty text is no token.");
    return id;
  }

  private add(token: string, type: number): number {
    this.ids.set(token, this.tokens.length);
    this.types.push(type);
    return this.tokens.push(token) - 1;
  }
}
