import type { Profile } from "../profiles/profile.ts";

/** What makes a server tell how likely each token is, and so many others as it tells at most. */
export function toLogprobs(
  asked: number,
  route: "chat" | "completion",
  { title, topLogprobs, refuses }: Pick<Profile, "title" | "topLogprobs" | "refuses">,
  warn: (message: string) => void,
): Record<string, unknown> {
  const top = Math.min(asked, topLogprobs);
  // One that refuses them altogether is told of where they are left out.
  if (top < asked && !refuses.includes("logprobs"))
    warn(`logprobs: ${title} tells at most ${topLogprobs} others for each token.`);
  if (route === "completion") return { logprobs: top };
  return { logprobs: true, ...(top === 0 ? {} : { top_logprobs: top }) };
}
