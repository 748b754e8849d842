import { ModelyardError } from "../../contract/errors.ts";
import { discard, httpGet, type HttpAnswer } from "./http-get.ts";
import { openRange, statusError } from "./https.ts";
import type { Environment, HubSource, Opened, OpenOptions } from "./source.ts";

const publicEndpoint = "https://huggingface.co";

/** The model hub's address: `HF_ENDPOINT`, else the public one. */
export function hubEndpoint(environment: Environment): string {
  const configured = environment.HF_ENDPOINT;
  return (configured === undefined || configured === "" ? publicEndpoint : configured).replace(
    /\/+$/,
    "",
  );
}

/** Opens a file of a repository. `HF_TOKEN` is sent to the hub alone, never to the store it redirects to. */
export async function openHub(source: HubSource, options: OpenOptions): Promise<Opened> {
  const path = `${source.repository}/resolve/${encodeURIComponent(source.revision)}/${encodePath(source.file)}`;
  return openRange(new URL(`${hubEndpoint(options.environment)}/${path}`), options, {
    authorization: bearer(options.environment),
    explain: (answer) =>
      explainRefusal(
        answer,
        source.repository,
        `${source.file} at revision ${source.revision}`,
        options.environment,
      ),
  });
}

export interface HubListing {
  /** The commit behind the revision that was asked for. */
  revision: string;
  files: string[];
}

/**
 * The files of a repository.
 * @throws ModelyardError `download-failed`
 */
export async function listHubFiles(
  repository: string,
  revision: string,
  { environment, signal }: { environment: Environment; signal: AbortSignal },
): Promise<HubListing> {
  const url = `${hubEndpoint(environment)}/api/models/${repository}/revision/${encodeURIComponent(revision)}`;
  const answer = await httpGet(url, { environment, signal, authorization: bearer(environment) });
  if (answer.status !== 200) {
    await explainRefusal(answer, repository, `revision ${revision}`, environment);
    await discard(answer);
    throw statusError(answer);
  }
  const body = (await answer.body.json()) as {
    sha?: unknown;
    siblings?: { rfilename?: unknown }[];
  } | null;
  const files = (body?.siblings ?? [])
    .map((each) => each.rfilename)
    .filter((name) => typeof name === "string");
  return { revision: typeof body?.sha === "string" ? body.sha : revision, files };
}

/** Throws what a person needs to know of a 401, 403 or 404; returns for any other status. */
async function explainRefusal(
  answer: HttpAnswer,
  repository: string,
  what: string,
  environment: Environment,
): Promise<void> {
  const { status } = answer;
  if (status !== 401 && status !== 403 && status !== 404) return;
  await discard(answer);
  const page = `${hubEndpoint(environment)}/${repository}`;
  const reason = answer.announced("x-error-code");
  const token = environment.HF_TOKEN
    ? "a token is given, but its account has no access"
    : "HF_TOKEN is not set";
  if (status === 404 || reason === "EntryNotFound" || reason === "RevisionNotFound") {
    throw new ModelyardError("download-failed", `${page} has no ${what}`, { details: { status } });
  }
  // Without a token the hub answers 401 for what does not exist, too.
  const gated = reason === "RepoNotFound" ? "does not exist or is private" : "is gated";
  throw new ModelyardError("download-failed", `${page} ${gated}; ${token}`, {
    remedy: `Ask for access at ${page}, and give a token of that account: set HF_TOKEN, or "token" of the backend in the configuration.`,
    details: { status, page },
  });
}

function bearer(environment: Environment): string | undefined {
  return environment.HF_TOKEN ? `Bearer ${environment.HF_TOKEN}` : undefined;
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
