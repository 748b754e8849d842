import type { AnyBackendDefinition, Isolation, Sends, Upstream } from "../contract/backend.ts";
import { describeKind } from "../contract/describe-kind.ts";
import { describeThrow } from "../contract/describe-throw.ts";
import { createSecrets } from "../contract/http/secrets.ts";
import { secretsOfSettings } from "../contract/http/secrets-of-settings.ts";
import type { ConfiguredBackend } from "./configuration.ts";

/** Where a backend sends and where it runs, as its definition says of its configuration. */
export interface Placement {
  readonly sends: Sends | undefined;
  readonly upstream: Upstream | undefined;
  readonly isolation: Isolation | undefined;
  /** Why it can't be started. Nothing is sent then. */
  readonly fault?: DefinitionFault | undefined;
}

/** What is wrong with a part of a definition, seen with a configuration: it costs the backends that are configured so, and no more. */
export interface DefinitionFault {
  /** One sentence: ``Its `upstream` throws an Error at /acme.ts:7:11: no url.`` */
  readonly problem: string;
  readonly remedy: string;
  /** What was given for an address and is none. */
  readonly address?: string;
}

type Asked = Pick<AnyBackendDefinition, "sends" | "upstream" | "isolate">;

/** Asks a definition where a backend sends and runs. Its functions are its author's, and may throw or give anything. Never throws. */
export function placementOf(
  { sends, upstream, isolate }: Asked,
  {
    options: config,
    fault,
  }: Pick<ConfiguredBackend, "options"> & { readonly fault?: DefinitionFault | undefined },
): Placement {
  if (fault !== undefined) return faulty(fault);
  let part = "sends";
  try {
    const how: unknown = typeof sends === "function" ? sends(config) : sends;
    if (!isOneOf(["nothing", "guarded", "by-itself", undefined], how))
      return faulty(odd(part, how, 'Give "nothing", "guarded" or "by-itself".'));
    part = "isolate";
    const isolation: unknown = typeof isolate === "function" ? isolate(config) : isolate;
    if (!isOneOf(["handlers", "everything", undefined], isolation))
      return faulty(odd(part, isolation, 'Give "everything", "handlers", or undefined.'));
    part = "upstream";
    const where: unknown = upstream?.(config);
    const wrong = where === undefined ? undefined : faultOfUpstream(where);
    if (wrong !== undefined) return faulty(wrong);
    return { sends: how, isolation, upstream: where as Upstream | undefined };
  } catch (error) {
    return faulty(thrownBy(part, error, config));
  }
}

/** The part of a definition that threw. What it threw may repeat a key of the configuration. */
export function thrownBy(part: string, thrown: unknown, config: unknown): DefinitionFault {
  const secrets = createSecrets();
  for (const each of secretsOfSettings(config)) secrets.add(each);
  return {
    problem: secrets.redact(describeThrow(part, thrown)),
    remedy: `Mend \`${part}\` where the backend is defined.`,
  };
}

const giveAddress = "Give { url }, an address that begins with http:// or https://, or undefined.";

function faultOfUpstream(where: unknown): DefinitionFault | undefined {
  if (typeof where !== "object" || where === null || where instanceof Promise)
    return odd("upstream", where, giveAddress);
  const { url, tls } = where as { url?: unknown; tls?: unknown };
  if (typeof url !== "string") return odd("upstream", where, giveAddress, "without a `url` in it");
  if (tls !== undefined && (typeof tls !== "object" || tls === null))
    return odd(
      "upstream",
      where,
      "Give { ca, cert, key } for tls, or leave it out.",
      "with odd `tls`",
    );
  if (isAddress(url)) return undefined;
  const problem = "Its `upstream` gives a `url` that is no address.";
  return { problem, remedy: giveAddress, address: url };
}

function isAddress(url: string): boolean {
  return /^https?:/i.test(url) && URL.canParse(url);
}

function odd(part: string, given: unknown, remedy: string, more = ""): DefinitionFault {
  // Nobody waits for it: what becomes of it is of no interest beside what is told here.
  if (given instanceof Promise) given.catch(() => {});
  const what = typeof given === "string" ? JSON.stringify(given) : describeKind(given);
  return { problem: `Its \`${part}\` gives ${what}${more && ` ${more}`}.`, remedy };
}

function faulty(fault: DefinitionFault): Placement {
  return { sends: "nothing", upstream: undefined, isolation: undefined, fault };
}

function isOneOf<const Word>(words: readonly Word[], value: unknown): value is Word {
  return words.includes(value as Word);
}
