// SPDX-License-Identifier: BSD-3-Clause
// On a nested Xen host: from POST to a guest in `main` through the xl driver, out of a warm pool and cold, against `xl create` in dom0, in turns.
//   node bench/warm-xen.ts [--output FILE] [--rounds 20]
// Needs `dist/` to be built, the pools' compiler, and what test/xenhost/ needs.
import './support/built-sources.ts';

const { run } = await import('./warm/xen.ts');
await run(process.argv.slice(2));
