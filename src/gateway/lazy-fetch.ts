import type { GuardedFetch, GuardedFetchOptions } from "../contract/http/guarded-fetch.ts";

/** A guarded fetch whose HTTP client is loaded with the first request: a server that sends nothing never pays for it. */
export function createLazyFetch(options: GuardedFetchOptions): GuardedFetch {
  let opening: Promise<GuardedFetch> | undefined;

  async function open(): Promise<GuardedFetch> {
    const { createGuardedFetch } = await import("../contract/http/guarded-fetch.ts");
    return createGuardedFetch(options);
  }

  return {
    fetch: async (input, init) => (await (opening ??= open())).fetch(input, init),
    close: async () => (await opening)?.close(),
  };
}
