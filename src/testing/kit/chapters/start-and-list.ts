import { isModelyardError, type ErrorCode } from "../../../contract/errors.ts";
import type { Fault } from "../../exchange.ts";
import { serverError } from "../../faults/refusal.ts";
import { expect, Failure, Skip, type Check } from "../check.ts";
import { describeThrown } from "../describe-value.ts";
import type { OpenedBackend } from "../open-backend.ts";
import { otherShapes } from "../other-shapes.ts";

interface Trial {
  /** What its server did, in words that follow "Its server". */
  readonly did: string;
  readonly fault: Fault;
  readonly codes: readonly ErrorCode[];
}

const trials: readonly Trial[] = [
  {
    did: "answered 500",
    fault: serverError,
    codes: ["backend-error", "backend-unavailable", "overloaded"],
  },
  ...Object.entries(otherShapes).map(([name, fault]): Trial => {
    return { did: `gave an answer that ${name}`, fault, codes: ["invalid-response"] };
  }),
];

/** What is asked of a server beside calls fails as calls do: of the chapter errors. */
export const startAndList: Check = {
  id: "errors/start-and-list",
  level: "gold",
  title: "its start and its list fail as its calls do, and recover",
  why: "A start that has failed is tried again by the next call, and a list by the next who looks: until then people read why it failed.",
  remedy:
    "Use requestJson, and readJson with a schema, in initialize and listModels too; keep nothing of what has failed.",
  async run(subject) {
    let isTold = false;
    for (const method of ["initialize", "listModels"] as const)
      for (const { did, fault, codes } of trials) {
        const opened = subject.open();
        const asked = opened.backend[method];
        opened.upstreams.use(fault);
        const thrown = asked === undefined ? undefined : await thrownBy(opened, method);
        if (opened.upstreams.requests.length === 0) break;
        isTold = true;
        const code = isModelyardError(thrown?.error) ? thrown.error.code : undefined;
        expect(
          thrown === undefined || (code !== undefined && codes.includes(code)),
          () => `Its server ${did}, and ${method} threw ${describeThrown(thrown?.error)}`,
          { thrown: thrown?.error, asked },
        );
        opened.upstreams.use();
        const again = await thrownBy(opened, method);
        expect(
          again === undefined,
          () =>
            `Its server ${did}, then was well again, and ${method} threw ${describeThrown(again?.error)}`,
          { thrown: again?.error, asked },
        );
      }
    if (!isTold)
      throw new Skip("Neither its start nor its list asks a server.", { declared: true });
  },
};

/** What a method throws; undefined where it does not. @throws {Failure} where it does not end */
async function thrownBy(
  opened: OpenedBackend,
  method: "initialize" | "listModels",
): Promise<{ error: unknown } | undefined> {
  const never = new AbortController().signal;
  try {
    await opened.call(`${method}()`, (each): unknown => each[method]?.(never));
    return undefined;
  } catch (error) {
    if (error instanceof Failure) throw error;
    return { error };
  }
}
