import type { Discovery } from "../../contract/backend.ts";
import { toUrl } from "./base-url.ts";
import { peek } from "./peek.ts";
import { servers } from "./profiles/servers.ts";
import { hasProfile } from "./recognise-profile.ts";

/** How the servers that have a usual port are found on this device: each by what it alone answers. */
export const discover: readonly Discovery[] = servers
  .filter(({ ports }) => ports.length > 0)
  .map((profile) => ({
    name: profile.name,
    ports: profile.ports,
    async recognise(url, { fetch, signal }) {
      const baseUrl = `${url.replace(/\/+$/, "")}${profile.basePath}`;
      const found = await hasProfile(profile, (path) =>
        peek(fetch, toUrl(baseUrl, path), { signal }),
      );
      return found ? { baseUrl, profile: profile.name } : undefined;
    },
  }));
