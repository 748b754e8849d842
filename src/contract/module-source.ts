/** The text of a module as it was imported. */
export interface ModuleSource {
  /** As Node calls it: `module-typescript`; of what `require` reads it may say none. */
  readonly format: string | null | undefined;
  readonly source: string;
}

/** By their addresses. */
export type ModuleSources = ReadonlyMap<string, ModuleSource>;
