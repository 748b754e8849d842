import type { GuardedFetch, GuardedFetchOptions } from "./guarded-fetch.ts";

/** A guarded fetch whose HTTP client is loaded with the first request: a server that sends nothing never pays for it. */
export function createLazyFetch(options: GuardedFetchOptions): GuardedFetch {
  let opening: Promise<GuardedFetch> | undefined;
  let open: GuardedFetch | undefined;

  async function load(): Promise<GuardedFetch> {
    const { createGuardedFetch } = await import("./guarded-fetch.ts");
    return (open = createGuardedFetch(options));
  }

  /** What could not be opened (a certificate's file is missing) may be put right: the next request tries again. */
  function opened(): Promise<GuardedFetch> {
    return (opening ??= load().catch((error: unknown) => {
      opening = undefined;
      throw error;
    }));
  }

  return {
    fetch: (input, init, limits) =>
      open?.fetch(input, init, limits) ?? opened().then(({ fetch }) => fetch(input, init, limits)),
    close: async () => (await opening?.catch(() => undefined))?.close(), // its request has been told
  };
}
