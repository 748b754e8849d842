/** The door for those who test backends: `modelyard/testing`. */
export { chaosUpstream } from "./chaos-upstream.ts";
export type { ChaosUpstream, ChaosUpstreamOptions, Script } from "./chaos-upstream.ts";
export type { Answer } from "./answer.ts";
export type { Exchange, Fault, SeenConnection, SeenRequest } from "./exchange.ts";
export { faults } from "./faults.ts";
export type { FaultName } from "./faults.ts";
export { describeBackend } from "./kit/describe-backend.ts";
export type { DescribeOptions } from "./kit/describe-backend.ts";
export { testBackend } from "./kit/test-backend.ts";
export type { KitOptions } from "./kit/test-backend.ts";
export { kitChecks } from "./kit/chapters-of.ts";
export type { Chapter, Check, Level } from "./kit/check.ts";
export { formatReport, reportToJson } from "./kit/report.ts";
export type { Report } from "./kit/report.ts";
export { toBadgeSvg } from "./kit/badge.ts";
export type { Badge } from "./kit/badge.ts";
export type { CheckOutcome } from "./kit/run-check.ts";
