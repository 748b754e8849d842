import { z } from "zod";
import { authenticationFields, checkAuthentication } from "./auth/config.ts";
import { earlierNames, findProfile, profiles } from "./profiles/find-profile.ts";

const profileNames = [...profiles.map(({ name }) => name), ...Object.keys(earlierNames)] as [
  string,
  ...string[],
];

const baseUrl = z
  .url({
    protocol: /^https?$/,
    error: "Must be the address of an API, such as http://127.0.0.1:8000/v1.",
  })
  .refine((written) => !URL.canParse(written) || new URL(written).hash === "", {
    error: "Must hold no fragment (#…): no server sees it.",
  });

/** What a configuration may say about this backend. */
export const config = z
  .strictObject({
    /** The address of its API, `/v1` included where it has a path. A service that has a profile needs none. */
    baseUrl: baseUrl.optional(),
    /** The kind of server; found out from its answers where left out. */
    profile: z.enum(profileNames).optional(),
    /** Whether a parameter that the server refuses is an error rather than dropped with a warning. */
    strict: z.boolean().default(false),
    /** The models to list, instead of the server's own list. */
    models: z.array(z.string().min(1)).min(1).optional(),
    ...authenticationFields,
  })
  .superRefine((value, context) => {
    checkAuthentication(value, context);
    const known = value.profile === undefined ? undefined : findProfile(value.profile)?.baseUrl;
    if (value.baseUrl === undefined && known === undefined)
      context.addIssue({
        code: "custom",
        path: ["baseUrl"],
        message: "Missing: the address of the server's API, such as http://127.0.0.1:8000/v1.",
      });
  });

export type OpenAiCompatibleConfig = z.output<typeof config>;
