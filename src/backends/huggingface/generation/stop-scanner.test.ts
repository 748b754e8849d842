import { expect, it } from "vitest";
import { createStopScanner } from "./stop-scanner.ts";

it.each<[string[], string[], string, boolean]>([
  [["abc"], [], "abc", false],
  [["ab", "cd"], ["bc"], "a", true],
  [["ab", "bc"], ["bc"], "ab", true],
  [["one s", "top two"], ["stop"], "one ", true],
  [["one s", "ing two"], ["stop"], "one sing two", false],
  [["x</", "s"], ["</s>"], "x</s", false],
  [["a END b STOP"], ["STOP", "END"], "a ", true],
])("%j with the stops %j", (pieces, stops, expected, expectedStop) => {
  const scanner = createStopScanner(stops);
  let text = "";
  let met = false;
  for (const piece of pieces) {
    const found = scanner.feed(piece);
    text += found.text;
    met = found.stopped;
    if (met) break;
  }
  expect([met ? text : text + scanner.flush(), met]).toEqual([expected, expectedStop]);
});
