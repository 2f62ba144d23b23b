#!/usr/bin/env node
// SPDX-License-Identifier: BSD-3-Clause
import { runCommandLine } from './command-line.js';
import { EXIT } from './exit-codes.js';

// A reader such as head(1) that has seen enough is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});
process.exitCode = await runCommandLine(process.argv.slice(2), process.env, {
  out: process.stdout,
  err: process.stderr,
});
