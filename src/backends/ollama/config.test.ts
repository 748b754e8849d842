import { expect, it } from "vitest";
import { config } from "./config.ts";

it.each([
  [undefined, "http://127.0.0.1:11434"],
  ["http://127.0.0.1:11434/", "http://127.0.0.1:11434"],
  ["http://box:11434/api", "http://box:11434"],
  ["http://box:11434/v1/", "http://box:11434"],
  ["http://box:11434//v1//", "http://box:11434"],
  ["https://example.org/ollama/api/", "https://example.org/ollama"],
])("baseUrl %s is %s", (baseUrl, expected) => {
  expect(config.parse({ baseUrl }).baseUrl).toBe(expected);
});

it.each([
  { baseUrl: "127.0.0.1:11434" },
  { baseUrl: "ftp://box" },
  { baseUrl: "http://me:secret@box" },
  { baseUrl: "http://box/?key=secret" },
  { baseUrl: "http://box/#x" },
  { keepAlive: "soon" },
  { contextSize: 0 },
  { model: "x" },
])("refuses %j", (written) => {
  expect(config.safeParse(written).success).toBe(false);
});

it.each([{ keepAlive: -1 }, { keepAlive: "1h30m" }, { keepAlive: "-1m" }])(
  "takes %j",
  (written) => {
    expect(config.safeParse(written).success).toBe(true);
  },
);
