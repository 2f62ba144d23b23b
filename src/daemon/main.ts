#!/usr/bin/env node
// SPDX-License-Identifier: BSD-3-Clause
import { limitHeap } from './runtime.js';

limitHeap();
// Only now: what is loaded before would be loaded twice.
const { compose } = await import('./compose.js');
const { runDaemon } = await import('./program.js');

process.exitCode = await runDaemon(process.argv.slice(2), compose);
