/** Something that a real peer is made of can't be had here. A test or a benchmark skips with this one line as its reason. */
export class MissingIngredient extends Error {
  override readonly name = "MissingIngredient";

  constructor(reason: string, options?: ErrorOptions) {
    super(reason.trim().replaceAll(/\s*\n\s*/g, " – "), options);
  }
}
