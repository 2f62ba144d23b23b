#!/usr/bin/env node
// SPDX-License-Identifier: BSD-3-Clause
import { compose } from './compose.js';
import { runDaemon } from './program.js';

process.exitCode = await runDaemon(process.argv.slice(2), compose);
