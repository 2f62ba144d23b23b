// SPDX-License-Identifier: BSD-3-Clause
// Thousands of linuxu instances in one daemon: what a spawn and the API's answers cost as their number grows, what each takes
// of memory, how late events are, how long a restart takes.
//   node bench/density.ts [--output FILE] [--count 10000] [--steps 10] [--clients 100] [--singles 100]
// Needs `dist/` to be built, and the pools' compiler.
import './support/built-sources.ts';

const { run } = await import('./density/run.ts');
const toml = '[[hosts]]\nid = "local"\ndriver = "linuxu"\n';
const defaults = { count: 10_000, steps: 10, clients: 100, singles: 100 };
await run({ benchmark: 'density', target: 'linuxu-x86_64', toml, defaults }, process.argv.slice(2));
