// SPDX-License-Identifier: BSD-3-Clause
// Reads the reports of some runs of Vitest and ends with the sum of their counts on a line of its own, for people and for CI.
//   node script/count-tests.mjs FOLDER NAME...
// The folder has the files NAME.json and NAME.status of each run: its report and its exit code. Exits with the first code that is not
// 0; or with 1 if there is none and yet no test ran, a test failed, or one was skipped: a suite that cannot run here must fail and
// say why, not look green.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const [folder, ...names] = process.argv.slice(2);
let status = 0;
const reports = [];
for (const name of names) {
  try {
    status ||= Number(readFileSync(join(folder, `${name}.status`), 'utf8'));
    reports.push(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
  } catch (error) {
    process.stderr.write(`test: no report from Vitest (${error.message})\n`);
    status ||= 1;
  }
}

const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
const passed = sum((report) => report.numPassedTests);
const failed = sum((report) => report.numFailedTests);
const skipped = sum((report) => report.numPendingTests + report.numTodoTests);
for (const file of reports.flatMap((report) => report.testResults)) {
  if (file.status !== 'passed' && file.assertionResults.length === 0) {
    process.stderr.write(`test: ${file.name} did not run: ${file.message}\n`);
    status ||= 1;
  }
  for (const test of file.assertionResults) {
    if (test.status !== 'passed' && test.status !== 'failed') {
      process.stderr.write(`test: ${test.status}: ${test.fullName}\n`);
    }
  }
}
if (passed + failed === 0 || failed > 0 || skipped > 0) {
  status ||= 1;
}
process.stdout.write(
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exitCode = status;
