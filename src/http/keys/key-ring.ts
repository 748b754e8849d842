import { timingSafeEqual } from "node:crypto";
import { ModelyardError } from "../../contract/errors.ts";
import { createMembers } from "../../contract/members.ts";
import { digestOfKey, readKeyDigest } from "../../contract/key-digest.ts";
import type { Access, Caller } from "../../gateway/api.ts";
import type { ServerKey } from "../../gateway/configuration.ts";

/** The keys that open the server. */
export interface KeyRing {
  /** Whether there are none, so that nobody has to prove who they are. */
  readonly isEmpty: boolean;
  /** Who sends a request with this `Authorization`; undefined where there are no keys. @throws ModelyardError `unauthorized` */
  identify(authorization: string | undefined): Access | undefined;
  /** From now on these open it. What was begun with one that is no longer among them ends with `unauthorized`. */
  replace(keys: readonly ServerKey[]): void;
}

/** One key, for as long as it is held, whatever its entry says of it meanwhile. */
interface HeldKey {
  readonly digest: Buffer;
  access: Access;
  revoke(): void;
}

export function createKeyRing(keys: readonly ServerKey[]): KeyRing {
  let held: readonly HeldKey[] = [];

  function replace(next: readonly ServerKey[]): void {
    const former = new Map(held.map((each) => [each.digest.toString("hex"), each]));
    held = next.map((key) => {
      const digest = key.hash === undefined ? digestOfKey(key.key ?? "") : readKeyDigest(key.hash);
      const kept = former.get(digest.toString("hex"));
      former.delete(digest.toString("hex"));
      if (kept === undefined) return holdKey(digest, toCaller(key));
      // What is under way ends as it began; what comes is held to the new entry.
      kept.access = { ...kept.access, caller: toCaller(key) };
      return kept;
    });
    for (const { revoke } of former.values()) revoke();
  }

  replace(keys);
  return {
    get isEmpty() {
      return held.length === 0;
    },
    replace,
    identify(authorization) {
      if (held.length === 0) return undefined;
      const given = digestOfKey(readBearer(authorization));
      // Every key is compared, each in constant time: how long it takes tells nothing.
      let found: HeldKey | undefined;
      for (const each of held) if (timingSafeEqual(given, each.digest)) found = each;
      if (found !== undefined) return found.access;
      throw new ModelyardError("unauthorized", "The key is not known.", { remedy });
    },
  };
}

const remedy = "Send one of server.keys as `Authorization: Bearer <key>`.";

function readBearer(authorization: string | undefined): string {
  const [, token] = /^bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
  if (token !== undefined) return token;
  const message = "This server asks for a key, and none was given.";
  throw new ModelyardError("unauthorized", message, { remedy });
}

function toCaller({ name, models, privacy, admin }: ServerKey): Caller {
  return { name, models, privacy, admin };
}

function holdKey(digest: Buffer, caller: Caller): HeldKey {
  const listeners = createMembers<(reason: ModelyardError) => void>();
  let revoked = false;
  const tell = (listener: (reason: ModelyardError) => void) =>
    listener(
      new ModelyardError("unauthorized", `The key ${JSON.stringify(caller.name)} was revoked.`),
    );
  return {
    digest,
    access: {
      caller,
      onRevoked(listener) {
        if (revoked) {
          tell(listener);
          return () => {};
        }
        const place = listeners.enter(listener);
        return () => listeners.leave(place);
      },
    },
    revoke() {
      revoked = true;
      for (const listener of listeners.list()) tell(listener);
    },
  };
}
