/** What is wrong with a plugin, and what to do about it: a sentence each. */
export interface Problem {
  readonly problem: string;
  readonly remedy: string;
  readonly file?: undefined;
}
