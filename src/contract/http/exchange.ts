import type { Dispatcher } from "undici";
import { abortError } from "../abort.ts";
import { ReceivedBody } from "./received-body.ts";

/** What an upstream answers, its body still to come. */
export interface Answer {
  readonly statusCode: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: ReceivedBody;
}

export interface ExchangeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Makes an error of ours of what breaks a body off. */
  readonly problem: (error: unknown) => Error;
}

/** Sends one request; settles with the head of its answer. @throws what the connection fails with, and the signal's reason */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  options: ExchangeOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    if (signal?.aborted === true) return reject(abortError(signal));
    dispatcher.dispatch(request, new Exchange(options, resolve, reject));
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal | undefined;
  readonly #problem: (error: unknown) => Error;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #body: ReceivedBody | undefined;

  constructor(
    { signal, problem }: ExchangeOptions,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#signal = signal;
    this.#problem = problem;
    this.#resolve = resolve;
    this.#reject = reject;
    signal?.addEventListener("abort", this);
  }

  /** The signal was aborted. */
  handleEvent(): void {
    const reason = abortError(this.#signal!);
    this.onResponseError(undefined, reason);
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal?.aborted === true) controller.abort(abortError(this.#signal));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Answer["headers"],
  ): void {
    // What only announces an answer is none.
    if (statusCode < 200) return;
    this.#body = new ReceivedBody(controller);
    this.#resolve({ statusCode, headers, body: this.#body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#signal?.removeEventListener("abort", this);
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: unknown): void {
    this.#signal?.removeEventListener("abort", this);
    if (this.#body === undefined) this.#reject(error);
    else this.#body.fail(this.#problem(error));
  }
}
