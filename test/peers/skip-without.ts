import { MissingIngredient } from "./missing-ingredient.ts";

/**
 * Whether tests must be skipped because what they need can't be had here; the reason is printed.
 * For `describe.skipIf(await skipWithout(startX))`: what is started is stopped again, where it can be.
 * @throws all that is not a MissingIngredient
 */
export async function skipWithout(...ingredients: (() => Promise<unknown>)[]): Promise<boolean> {
  for (const ingredient of ingredients) {
    try {
      const made = await ingredient();
      if (isDisposable(made)) await made[Symbol.asyncDispose]();
    } catch (error) {
      if (!(error instanceof MissingIngredient)) throw error;
      process.stderr.write(`skipped: ${error.message}\n`);
      return true;
    }
  }
  return false;
}

function isDisposable(value: unknown): value is AsyncDisposable {
  return typeof value === "object" && value !== null && Symbol.asyncDispose in value;
}
