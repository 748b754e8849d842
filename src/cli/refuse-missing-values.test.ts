import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { refuseMissingValues } from "./refuse-missing-values.ts";

function parse(words: string[]): { opts: object; args: string[] } {
  const command = new Command("ask")
    .argument("[words...]")
    .option("-m, --model <model>")
    .option("--system <text>")
    .option("--temperature <number>")
    .option("--json")
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
  refuseMissingValues(command);
  command.parse(words, { from: "user" });
  return { opts: command.opts(), args: command.args };
}

describe("an option that takes a value", () => {
  it.each([
    [["--system", "--json"], "'--json' follows. If that is its value, write --system=--json"],
    [["hi", "-m", "--system=x"], "'--system=x' follows"],
    [["--model", "-m"], "'-m' follows"],
    [["--model"], "option '-m, --model <model>' argument missing"],
  ])("is refused without it: %j", (words, message) => {
    expect(() => parse(words)).toThrow(message);
  });

  it.each([
    [["--system=--json"], { system: "--json" }],
    [["--system", "- one\n- two"], { system: "- one\n- two" }],
    [["--system", "--json is a flag"], { system: "--json is a flag" }],
    [["--system", "-"], { system: "-" }],
    [["--temperature", "-1", "--json"], { temperature: "-1", json: true }],
    [["--json", "--model", "a"], { json: true, model: "a" }],
  ])("has it: %j", (words, opts) => {
    expect(parse(words).opts).toEqual(opts);
  });

  it("is a word like any other behind --", () => {
    expect(parse(["--", "--system", "--json"])).toEqual({ opts: {}, args: ["--system", "--json"] });
  });
});
