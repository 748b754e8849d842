import type { BackendSetup } from "../../contract/backend.ts";
import { createSharedWorks } from "../../contract/shared-works.ts";
import { createAuthorization } from "./auth/create-authorization.ts";
import { toBaseUrl, toUrl } from "./base-url.ts";
import type { OpenAiCompatibleConfig } from "./config.ts";
import { peek } from "./peek.ts";
import { configuredProfile } from "./profiles/configured-profile.ts";
import { plainProfile, type Profile } from "./profiles/profile.ts";
import { recogniseProfile } from "./recognise-profile.ts";
import { createSender, type SendContext, type Sender } from "./sender.ts";

/** The server that a backend is configured with: the way to it, and what is known of it. */
export interface Server extends Sender {
  readonly config: OpenAiCompatibleConfig;
  /** Whether a name that the server does not list is worth a try, as far as its profile is known. */
  openNames(): boolean;
  /** Keeps what the server has listed, to name what is near. */
  remember(names: readonly string[]): void;
  /** Its profile, at once where it is known; it is found out by the first who asks. */
  profile(context: Pick<SendContext, "fetch" | "signal">): Profile | Promise<Profile>;
}

export function createServer({
  config,
  log,
  secret,
}: BackendSetup<OpenAiCompatibleConfig>): Server {
  const baseUrl = toBaseUrl(config);
  let known = configuredProfile(config);
  let listed: readonly string[] = [];
  const finding = createSharedWorks<Profile | undefined>();
  const authorization = createAuthorization(withKeyHeader(config, known), { log, secret });
  const sender = createSender({
    baseUrl,
    authorization,
    strict: config.strict,
    refuses: () => known?.refuses ?? [],
    names: () => listed,
  });

  async function find(fetch: typeof globalThis.fetch, signal: AbortSignal) {
    return recogniseProfile(async (path) => {
      const request = { url: toUrl(baseUrl, path), headers: {} };
      await authorization.apply(request, signal);
      return peek(fetch, request.url, { signal, headers: request.headers });
    });
  }

  async function learnProfile({ fetch, signal }: Pick<SendContext, "fetch" | "signal">) {
    const interest = { signal, progress() {} };
    // Where nothing answers the request itself says so, and the next one asks again.
    known = await finding.join("profile", interest, (all) => find(fetch, all.signal));
    if (known !== undefined) log.debug(`${new URL(baseUrl).origin} is taken for ${known.title}.`);
    return known ?? plainProfile;
  }

  return {
    ...sender,
    config,
    openNames: () => (known ?? plainProfile).openNames,
    remember(names) {
      listed = names;
    },
    profile: (context) => known ?? learnProfile(context),
  };
}

/** A key goes where this service wants it. */
function withKeyHeader(
  config: OpenAiCompatibleConfig,
  profile: Profile | undefined,
): OpenAiCompatibleConfig {
  const { apiKey, ...rest } = config;
  if (apiKey === undefined || profile?.keyHeader === undefined) return config;
  return { ...rest, auth: { type: "header", name: profile.keyHeader, value: apiKey } };
}
