// SPDX-License-Identifier: BSD-3-Clause
// Reads Vitest's JSON report and ends with its counts on a line of their own, for people and for CI.
//   node script/count-tests.mjs REPORT STATUS
// Exits with STATUS, or with 1 where that is 0 and yet no test ran, a test failed, or one was skipped: a suite that
// cannot run here must fail and say why, not look green.
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [reportPath, statusText] = process.argv.slice(2);
let status = Number(statusText);
let report;
try {
  report = JSON.parse(readFileSync(reportPath, 'utf8'));
} catch (error) {
  process.stderr.write(`test: no report from Vitest (${error.message})\n`);
  process.exit(status || 1);
}

const passed = report.numPassedTests;
const failed = report.numFailedTests;
const skipped = report.numPendingTests + report.numTodoTests;
for (const file of report.testResults) {
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
