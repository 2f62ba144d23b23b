// SPDX-License-Identifier: BSD-3-Clause
// What the control plane alone costs: the orchestrator with its SQLite store, on simulated hosts that take no time.
//   npm run build && node bench/control-plane.ts [--output file.json] [--count 10000]
import './support/built-sources.ts';

const { run } = await import('./control-plane/run.ts');
await run(process.argv.slice(2));
