/** Signals by which a person ends a program, with all processes of its group. */
export const interruptions: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
