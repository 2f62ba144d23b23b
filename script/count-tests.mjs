// SPDX-License-Identifier: BSD-3-Clause
// Reads Vitest's JSON reports and ends with their counts on a line of their own, for people and for CI.
//   node script/count-tests.mjs STATUS EXPECTED REPORT...
// Exits with STATUS, or with 1 where that is 0 and yet a report of those expected is missing, no test ran, a test failed, or one
// was skipped: a suite that cannot run here must fail and say why, not look green.
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [statusText, expectedText, ...paths] = process.argv.slice(2);
let status = Number(statusText);
const reports = [];
for (const path of paths) {
  try {
    reports.push(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    process.stderr.write(`test: no report from Vitest (${error.message})\n`);
  }
}
if (reports.length < Number(expectedText)) {
  process.stderr.write(`test: ${reports.length} of ${expectedText} reports are there\n`);
  status ||= 1;
}

const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
const passed = sum((report) => report.numPassedTests);
const failed = sum((report) => report.numFailedTests);
const skipped = sum((report) => report.numPendingTests + report.numTodoTests);
for (const file of reports.flatMap(({ testResults }) => testResults)) {
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
