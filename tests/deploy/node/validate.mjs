// Reads a list of resources from its input, and writes what the operator's schemas say against each: a list of texts.
import { readFileSync } from "node:fs";
import * as models from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";

const problems = [];
for (const { kind, apiVersion, ...fields } of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    new models[kind](fields).validate();
  } catch (error) {
    problems.push(`${kind} ${apiVersion}: ${error.message}`);
  }
}
process.stdout.write(JSON.stringify(problems));
