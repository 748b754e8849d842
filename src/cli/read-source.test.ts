import { expect, it } from "vitest";
import { readSource } from "./read-source.ts";

it.each<[string, string | undefined, string | undefined, string[]]>([
  ["transcribe --plugin ./a.ts x", "transcribe", undefined, ["./a.ts"]],
  ["--plugin=./a.ts --plugin b transcribe", "transcribe", undefined, ["./a.ts", "b"]],
  ["--config my.json serve --config=yours.json", "serve", "yours.json", []],
  ["--log-level debug chat hello", "chat", undefined, []],
  ["help transcribe --plugin a", "transcribe", undefined, ["a"]],
  ["help", undefined, undefined, []],
  ["--help", undefined, undefined, []],
  ["chat -- --plugin a", "chat", undefined, []],
  ["transcribe --plugin", "transcribe", undefined, []],
])("reads %s", (words, command, config, plugins) => {
  expect(readSource(words.split(" "))).toEqual({ command, source: { config, plugins } });
});
