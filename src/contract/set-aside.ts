/** A plugin that is not used, and why: a sentence each. Everything else works. */
export interface SetAside {
  /** As it was named: `./acme.ts`. */
  readonly plugin: string;
  readonly problem: string;
  readonly remedy: string;
  /** Where it is, where that is known. */
  readonly file?: string;
}

/** `The plugin ./acme.ts was set aside. It throws while it is imported: … Mend it there.` */
export function describeSetAside({ plugin, problem, remedy }: SetAside): string {
  return `The plugin ${plugin} was set aside. ${problem} ${remedy}`;
}

/** Where a kind of backend comes from that stands in for one of a plugin which was set aside. */
export const standInOrigin = "set aside";
