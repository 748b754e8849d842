import { flushCompileCache } from "node:module";
import { getHeapStatistics, setFlagsFromString } from "node:v8";

/** A heap limited to less than some 500 MB by `--max-old-space-size`; V8 counts the room for what is new in, some 200 MB. */
const smallHeapBytes = 700 * 1024 * 1024;

/**
 * Suits V8 to a server that passes calls on, by flags of its own, each measured with the port's benchmark. One that it no longer knows
 * costs two lines on stderr, and nothing else.
 */
export function tuneEngine(): void {
  // Before the flags change: V8 takes nothing that was kept under others, and the next start would have to compile all of this anew.
  flushCompileCache();
  // While calls wait for models V8 takes what they make for long-lived, and makes it old from the start: each quick collection then has to
  // keep all that it sees, and costs several times as much.
  setFlagsFromString("--no-allocation-site-pretenuring");
  // A call passes through hundreds of small functions, of which V8 joins no more than suits a page in a browser.
  setFlagsFromString("--max-inlined-bytecode-size=1500");
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=5000");
  // The parser of what servers answer is WebAssembly. To optimize it takes 25 MB, half of which stay: worth it after some 300 answers, not 3.
  setFlagsFromString("--wasm-tiering-budget=1300000000");
  if (getHeapStatistics().heap_size_limit >= smallHeapBytes) return;
  // V8 begins a full collection whenever less is left than the room for what is new, 64 MB, and under a small heap so never ends one but to
  // begin the next: there it goes by how full the heap is.
  setFlagsFromString("--incremental-marking-soft-trigger=80");
  setFlagsFromString("--incremental-marking-hard-trigger=95");
}
