import { isModelyardError } from "../../contract/errors.ts";
import type { Examination, Finding } from "./examine.ts";

/** Whether the configuration can be read; what each backend says of itself comes with `modelyard backends`. */
export const examineConfiguration: Examination = async (services, source) => {
  try {
    const { file, backends, models, warnings, setAside } =
      await services.checkConfiguration(source);
    const message =
      file === undefined
        ? "none, and none is needed"
        : `${file} (backends: ${backends}, aliases: ${models})`;
    return [
      { what: "Configuration", status: "good", message },
      ...warnings.map((warning): Finding => {
        return { what: "Configuration", status: "note", message: warning };
      }),
      ...setAside.map(({ plugin, problem, remedy }): Finding => {
        return { what: `Plugin ${plugin}`, status: "broken", message: problem, remedy };
      }),
    ];
  } catch (error) {
    if (!isModelyardError(error)) throw error;
    const { message, remedy } = error;
    return [
      {
        what: "Configuration",
        status: "broken",
        message,
        ...(remedy === undefined ? {} : { remedy }),
      },
    ];
  }
};
