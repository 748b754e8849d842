import type { Examination } from "./examine.ts";

/** Where each embedded engine's binaries are. One that is not there is fetched when it is needed, unless nothing may be fetched. */
export const examineEngines: Examination = async (services) => {
  const offline = process.env["MODELYARD_OFFLINE"] === "1";
  const engines = await services.engines();
  return engines.map(({ type, version, directory }) => {
    const what = `Engine ${type}`;
    if (directory !== undefined)
      return { what, status: "good", message: `${version} in ${directory}` };
    return {
      what,
      status: "note",
      message: offline
        ? "not installed, and nothing may be fetched (offline)"
        : "not installed; the first need fetches it",
      remedy: `To fetch it now: modelyard engine install ${type}`,
    };
  });
};
