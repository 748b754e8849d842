import { expect, it } from "vitest";
import { createTargetRecords } from "../pipeline/target-records.ts";
import { assessTarget } from "./assess-target.ts";

it("a target that has just answered is degraded at most, and each answer makes it better", () => {
  const records = createTargetRecords();
  const assess = () => assessTarget(records.of("tiny")!, "closed", 1_000);
  for (let failed = 0; failed < 5; failed++) records.failed("tiny", "backend-error");
  expect(assess().status).toBe("unhealthy");
  records.succeeded("tiny", 1);
  expect(assess().status).toBe("degraded");
});

it("one failure before answers weighs no more than one of so many calls", () => {
  const records = createTargetRecords();
  const assess = () => assessTarget(records.of("tiny")!, "closed", 1_000);
  records.failed("tiny", "backend-error");
  records.succeeded("tiny", 1);
  expect(assess().reason).toBe("Of its latest calls 50 % failed");
  records.succeeded("tiny", 1);
  expect(assess().reason).toBe("Of its latest calls 33 % failed");
});

it("short times are told as they are", () => {
  const records = createTargetRecords();
  records.succeeded("tiny", 512);
  expect(assessTarget(records.of("tiny")!, "closed", 250).reason).toBe(
    "Answers begin after 0.51 s (late: 0.25 s).",
  );
});
