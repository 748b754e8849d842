import type { AuthInfo, ServerContext } from "@modelcontextprotocol/server";
import type { Access } from "../gateway/api.ts";

/** How long the calls of a key that was revoked get to say so, in milliseconds. */
export const revokedGraceMs = 1_000;

/** Who calls, in the shape in which the SDK hands it from a request to its tools. It holds no key. */
export function toAuthInfo(access: Access | undefined): { authInfo?: AuthInfo } {
  if (access === undefined) return {};
  return {
    authInfo: { token: "", clientId: access.caller.name, scopes: [], extra: { access } },
  };
}

/** Who calls a tool or reads a resource; undefined where nobody has to prove it. */
export function accessOf({ http }: ServerContext): Access | undefined {
  return http?.authInfo?.extra?.["access"] as Access | undefined;
}
