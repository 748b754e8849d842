#!/usr/bin/env node
// Old syntax, and no static import of ours: an older Node must get as far as the sentence below.
var wanted = [22, 19];
var found = process.versions.node.split(".");
var major = parseInt(found[0] || "0", 10);
var minor = parseInt(found[1] || "0", 10);

if (major < wanted[0]! || (major === wanted[0]! && minor < wanted[1]!)) {
  process.stderr.write(
    "modelyard needs Node " +
      wanted.join(".") +
      " or newer; this is " +
      process.versions.node +
      ".\n",
  );
  process.exitCode = 1;
} else {
  import("node:module")
    .then(function (module) {
      // Start-up is mostly reading code: from the second start on, V8 finds it compiled.
      module.enableCompileCache();
      return import("../app/run-command.ts");
    })
    .then(function (app) {
      return app.runCommand(process.argv.slice(2));
    })
    .then(function (code) {
      process.exit(code);
    });
}
