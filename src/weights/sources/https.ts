import { ModelyardError } from "../../contract/errors.ts";
import { discard, httpGet, type HttpAnswer, type HttpGetOptions } from "./http-get.ts";
import { type HttpsSource, type Opened, type OpenOptions, withoutSecrets } from "./source.ts";

/** Opens a URL; one with a user and password sends them to its own host alone. */
export async function openHttps(source: HttpsSource, options: OpenOptions): Promise<Opened> {
  const url = new URL(source.url);
  const authorization = basicAuthorization(url);
  return openRange(url, options, { authorization });
}

/**
 * Opens a URL at an offset. Where the content is no longer what `validator` says, or the server knows no ranges, the stream begins at 0.
 * @throws ModelyardError `download-failed` for any status but 200 and 206, unless `explain` throws a better one first.
 */
export async function openRange(
  url: URL,
  {
    offset,
    validator,
    signal,
    environment,
  }: Pick<OpenOptions, "offset" | "validator" | "signal" | "environment">,
  extra: Pick<HttpGetOptions, "authorization" | "certificatePath" | "plainHttpHosts"> & {
    explain?: (answer: HttpAnswer) => Promise<void>;
  } = {},
): Promise<Opened> {
  // If-Range takes a strong validator only; without one the digest at the end decides.
  const condition = validator !== undefined && !validator.startsWith("W/") ? validator : undefined;
  const answer = await httpGet(url, {
    signal,
    environment,
    authorization: extra.authorization,
    certificatePath: extra.certificatePath,
    plainHttpHosts: extra.plainHttpHosts,
    // A body that is compressed on its way has no offsets that mean anything.
    headers: {
      "accept-encoding": "identity",
      ...(offset > 0 && { range: `bytes=${offset}-`, "if-range": condition }),
    },
  });
  if (answer.status === 416 && offset > 0) {
    await discard(answer);
    return openRange(url, { offset: 0, signal, environment, validator: undefined }, extra);
  }
  if (answer.status !== 200 && answer.status !== 206) {
    await extra.explain?.(answer);
    await discard(answer);
    throw statusError(answer);
  }
  const etag = answer.header("etag") ?? answer.header("last-modified");
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.header("content-range") ?? "");
  const begins = answer.status === 206 ? Number(range?.[1] ?? offset) : 0;
  const length = answer.header("content-length");
  const total = answer.status === 206 ? range?.[2] : length;
  // The hub says of a large file the digest and size of what stands behind the redirect.
  const linked = /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(answer.announced("x-linked-etag") ?? "");
  return {
    stream: answer.body,
    offset: begins,
    totalBytes: toNumber(answer.announced("x-linked-size")) ?? toNumber(total),
    validator: etag,
    sha256: linked?.[1],
    revision: answer.announced("x-repo-commit"),
  };
}

export function statusError(answer: HttpAnswer): ModelyardError {
  const retry = Number(answer.header("retry-after"));
  const busy = answer.status === 429 || answer.status >= 500;
  return new ModelyardError(
    "download-failed",
    `${withoutSecrets(answer.url)} answers ${answer.status}`,
    {
      details: { status: answer.status, busy },
      ...(retry > 0 && { retryAfterMs: retry * 1000 }),
    },
  );
}

/** Takes user and password out of a URL and returns them as a header. */
export function basicAuthorization(url: URL): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = "";
  url.password = "";
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

function toNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
