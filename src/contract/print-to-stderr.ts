import { Console } from "node:console";

/** From here on who asks the process for standard output, or prints to the console, gets standard error: plugins and libraries do. */
export function printToStderr(): void {
  const { stderr } = process;
  Object.defineProperty(process, "stdout", { value: stderr, configurable: true });
  globalThis.console = new Console(stderr);
}
