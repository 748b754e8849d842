import type { Subject } from "./subject.ts";

/** What a badge can be: bronze works, silver is right under errors, cancellation and load, gold withstands faults and leaks nothing. */
export const levels = ["bronze", "silver", "gold"] as const;
export type Level = (typeof levels)[number];

/** One thing that a backend must get right, as data: the report, the docs and the badge are made from it. */
export interface Check {
  /** `cancellation/closes-upstream`: its chapter, and a name that holds. */
  readonly id: string;
  readonly level: Level;
  /** What is right, in a few words: "ends with one finish". */
  readonly title: string;
  /** Why it matters, one sentence. */
  readonly why: string;
  /** How to mend it, one sentence or two. */
  readonly remedy: string;
  /** It watches the whole process, so that nothing else may run beside it. */
  readonly alone?: boolean;
  /** @throws {Failure} what was seen, where it is not right @throws {Skip} where it can't be told */
  run(subject: Subject): Promise<void>;
}

/** Checks on one subject, in the order they are run. */
export interface Chapter {
  readonly name: string;
  /** What it is about, one sentence. */
  readonly about: string;
  readonly checks: readonly Check[];
}

/** Something is not right. Its message says what was seen. */
export class Failure extends Error {
  /** What the author's code threw, or what knows where in it the cause lies. */
  readonly thrown: unknown;
  /** The author's function that was asked. */
  readonly asked: unknown;
  /** Where it happened, where that is known: `acme.ts:14`. */
  readonly where: string | undefined;
  /** How to mend it, where the check's own remedy is another's. */
  readonly remedy: string | undefined;

  constructor(
    seen: string,
    {
      thrown,
      asked,
      where,
      remedy,
    }: {
      thrown?: unknown;
      asked?: unknown;
      where?: string | undefined;
      remedy?: string | undefined;
    } = {},
  ) {
    super(seen);
    this.name = "Failure";
    this.thrown = thrown;
    this.asked = asked;
    this.where = where;
    this.remedy = remedy;
  }
}

/** It can't be told. `declared`: the backend, its definition or its author says that there is nothing to tell. */
export class Skip extends Error {
  readonly declared: boolean;

  constructor(reason: string, { declared = false }: { declared?: boolean } = {}) {
    super(reason);
    this.name = "Skip";
    this.declared = declared;
  }
}

/** @throws {Failure} where `good` is not true; `seen` is put into words only then */
export function expect(
  good: boolean,
  seen: string | (() => string),
  about: ConstructorParameters<typeof Failure>[1] = {},
): asserts good {
  if (!good) throw new Failure(typeof seen === "string" ? seen : seen(), about);
}

/** The chapter of a check's name. */
export function chapterOf({ id }: Pick<Check, "id">): string {
  return id.slice(0, id.indexOf("/"));
}
