import { ModelyardError } from "../contract/errors.ts";
import { abortError } from "../contract/abort.ts";
import type { Call, Middleware, Release, TargetBackend } from "./call.ts";
import { releaseAtEnd } from "./release-at-end.ts";

interface Waiter {
  readonly call: Call;
  readonly admit: () => void;
}

interface Places {
  running: number;
  /** First come, first served. */
  readonly waiting: Waiter[];
}

/** Lets a backend's `maxConcurrent` calls run; `maxQueue` more wait their turn, told their place; beyond that a call is `overloaded`. */
export function limit(): Middleware {
  const placesOf = new WeakMap<TargetBackend, Places>();

  return async function limit(call, next) {
    let places = placesOf.get(call.backend);
    if (places === undefined) placesOf.set(call.backend, (places = { running: 0, waiting: [] }));
    if (call.signal.aborted) throw abortError(call.signal);
    const release = await enter(places, call);
    return releaseAtEnd(next(call), release);
  };
}

function enter(places: Places, call: Call): Release | Promise<Release> {
  const { maxConcurrent, maxQueue, name } = call.backend;
  const release = () => {
    places.running--;
    places.waiting.shift()?.admit();
    tellPlaces(places);
  };
  if (places.running < maxConcurrent) {
    places.running++;
    return release;
  }
  if (places.waiting.length >= maxQueue) {
    throw new ModelyardError(
      "overloaded",
      `${name} is busy with ${places.running} calls, and ${maxQueue} wait already.`,
      {
        ...call.target,
        remedy: "Try again later, or raise maxConcurrent or maxQueue of this backend.",
      },
    );
  }
  return new Promise((resolve, reject) => {
    const leave = () => {
      places.waiting.splice(places.waiting.indexOf(waiter), 1);
      tellPlaces(places);
      reject(abortError(call.signal));
    };
    const waiter: Waiter = {
      call,
      admit() {
        call.signal.removeEventListener("abort", leave);
        places.running++;
        resolve(release);
      },
    };
    call.signal.addEventListener("abort", leave, { once: true });
    places.waiting.push(waiter);
    call.progress({ phase: "queue", position: places.waiting.length });
  });
}

function tellPlaces({ waiting }: Places): void {
  waiting.forEach(({ call }, index) => call.progress({ phase: "queue", position: index + 1 }));
}
