import { orAborted } from "../../contract/abort.ts";
import type { AnyBackendDefinition, Discovery, Log } from "../../contract/backend.ts";
import { ModelyardError, toModelyardError } from "../../contract/errors.ts";
import type { ConfiguredBackend } from "../configuration.ts";
import { parseBackends } from "../parse-backends.ts";
import { knock } from "./knock.ts";
import { createProbe, type Probe } from "./probe.ts";

/** What a scan has met at a port. */
export type Met =
  /** A server that some kind has recognised. */
  | { readonly as: "found"; readonly port: number; readonly server: FoundServer }
  /** Somebody listens, and nobody knows who. `unsure` where the time was over before all kinds had been asked. */
  | {
      readonly as: "strange";
      readonly port: number;
      readonly said: string;
      readonly unsure: boolean;
    }
  | { readonly as: "nobody"; readonly port: number };

export interface FoundServer {
  /** What it is: `lm-studio`. */
  readonly kind: string;
  /** `http://127.0.0.1:1234` */
  readonly url: string;
  readonly definition: AnyBackendDefinition;
  /** What stands for it under `backends` in a configuration. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** The same, checked. Its name is its kind; whoever takes it in may give it another. */
  readonly configured: ConfiguredBackend;
}

export interface ScanOptions {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
  /** What stood at a port last time, to be asked for first. */
  readonly known?: ReadonlyMap<number, string> | undefined;
}

interface Claim {
  readonly definition: AnyBackendDefinition;
  readonly discovery: Discovery;
}

/** All ports together, in milliseconds: what has not answered by then is not waited for. */
export const scanLimitMs = 230;
/** Time is counted in pieces: while this process is busy with something else, answers lie unread, and nobody is late for that. */
const tickMs = 20;
const longestTickMs = 50;

/** Looks at the usual ports of 127.0.0.1, all at once. A port that several kinds may use is asked for one after the other, as they are listed. */
export async function scan({ definitions, log, signal, known }: ScanOptions): Promise<Met[]> {
  const late = new ModelyardError("timeout", `It did not answer within ${scanLimitMs} ms.`);
  const limit = new AbortController();
  let leftMs = scanLimitMs;
  let tickedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    leftMs -= Math.min(now - tickedAt, longestTickMs);
    tickedAt = now;
    if (leftMs <= 0) limit.abort(late);
  }, tickMs);
  const within = signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]);
  try {
    return await Promise.all(
      [...claimsByPort(definitions)].map(([port, claims]) =>
        meet(port, knownFirst(claims, known?.get(port)), within, log),
      ),
    );
  } finally {
    clearInterval(timer);
    // Who has been recognised need not say any more.
    limit.abort(late);
  }
}

/** The ports that are looked at, and who may listen there. */
export function claimsByPort(
  definitions: readonly AnyBackendDefinition[],
): ReadonlyMap<number, readonly Claim[]> {
  const claims = new Map<number, Claim[]>();
  for (const definition of definitions) {
    for (const discovery of definition.discover ?? []) {
      for (const port of discovery.ports)
        claims.set(port, [...(claims.get(port) ?? []), { definition, discovery }]);
    }
  }
  return claims;
}

function knownFirst(claims: readonly Claim[], kind: string | undefined): readonly Claim[] {
  const isKnown = ({ discovery }: Claim) => discovery.name === kind;
  return [...claims.filter(isKnown), ...claims.filter((claim) => !isKnown(claim))];
}

async function meet(
  port: number,
  claims: readonly Claim[],
  signal: AbortSignal,
  log: Log,
): Promise<Met> {
  if (!(await knock(port, signal))) return { as: "nobody", port };
  const url = `http://127.0.0.1:${port}`;
  const probe = createProbe(url, signal);
  for (const claim of claims) {
    const server = await recognise(claim, url, probe, signal, log);
    if (server !== undefined) return { as: "found", port, server };
    if (signal.aborted) break;
  }
  return { as: "strange", port, said: probe.describe(), unsure: signal.aborted };
}

async function recognise(
  { definition, discovery }: Claim,
  url: string,
  { fetch }: Probe,
  signal: AbortSignal,
  log: Log,
): Promise<FoundServer | undefined> {
  const { name: kind } = discovery;
  try {
    const answer = discovery.recognise(url, { fetch, signal });
    const config = await orAborted(answer, signal);
    if (config === undefined) return undefined;
    const entry = { type: definition.type, ...config };
    return { kind, url, definition, entry, configured: checked(kind, entry, definition) };
  } catch (error) {
    // Another kind, or nothing at all: a server need not understand what it is asked.
    log.debug(`Nothing at ${url} was recognised as ${kind}: ${toModelyardError(error).message}`);
    return undefined;
  }
}

function checked(name: string, entry: object, definition: AnyBackendDefinition): ConfiguredBackend {
  const problems: { path: string; message: string }[] = [];
  const parsed = parseBackends(
    { [name]: entry },
    { definitions: [definition], capabilities: [], literals: new Map(), problems },
  );
  const configured = parsed.find((each) => each.name === name);
  if (configured !== undefined) return configured;
  const said = problems.map(({ path, message }) => `${path}: ${message}`).join(" ");
  throw new ModelyardError("invalid-config", `What was found can't be configured: ${said}`);
}
