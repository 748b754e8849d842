import { ingredientCommand } from "./ingredient-command.ts";

/** What Python prints when run with these arguments; `failure` says what can't be had when it fails. */
export function python(parameters: string[], failure: string): Promise<string> {
  return ingredientCommand("python3", parameters, failure);
}

/** The arguments of pip, without its questions and advice, and for ready-made packages alone. */
export function pip(command: "install" | "download", ...parameters: string[]): string[] {
  const quiet = [
    "--quiet",
    "--disable-pip-version-check",
    "--no-input",
    "--root-user-action=ignore",
  ];
  const flags = command === "install" ? quiet : quiet.slice(0, -1);
  return ["-m", "pip", command, ...flags, "--only-binary", ":all:", ...parameters];
}
