import type { PrivacySurvey, SurveyedAlias } from "./privacy-survey.ts";

/** What a configuration says of privacy and does not get, a sentence each: classes that are passed over, and aliases that go nowhere. */
export function findPrivacyWarnings({ backends, aliases }: PrivacySurvey): string[] {
  const narrower = backends.flatMap(({ name, privacy, passedOver }) =>
    passedOver === undefined
      ? []
      : [
          `backends.${name}.privacy: ${passedOver} is passed over: its address reaches ${privacy}. A backend may be declared wider, never narrower.`,
        ],
  );
  const unresolved = new Set(backends.flatMap(({ name, atLeast }) => (atLeast ? [name] : [])));
  const goesNowhere = ({ targets }: SurveyedAlias) =>
    targets.every(({ model, privacy, excluded }) => {
      const isSure = !unresolved.has(model.slice(0, model.indexOf("/")));
      return excluded !== undefined && privacy !== undefined && isSure;
    });
  const lost = aliases.filter(goesNowhere).map(({ name, targets }) => {
    const why = targets.map(({ model, privacy, excluded }) => `${model} (${privacy}): ${excluded}`);
    return `The model ${JSON.stringify(name)} can go nowhere. ${why.join("; ")}.`;
  });
  return [...narrower, ...lost];
}
