import type { Reply } from "./call.ts";

/** Calls `release` once the answer has ended, or at once where none begins. */
export function releaseAtEnd(answer: Promise<Reply>, release: () => void): Promise<Reply> {
  return answer.then(
    (reply) => {
      reply.onEnd(release);
      return reply;
    },
    (error: unknown) => {
      release();
      throw error;
    },
  );
}
