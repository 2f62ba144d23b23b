// SPDX-License-Identifier: BSD-3-Clause
// From the request over HTTP to a guest in `main`, for linuxu, in turns with other ways to start the same program; and many at
// once, in turns with a loop in C.
//   node bench/spawn.ts [--output FILE] [--rounds 100] [--bulk 1000]
// Needs `dist/` to be built, the pools' compiler, runc and bwrap.
import './support/built-sources.ts';

const { run } = await import('./spawn/run.ts');
await run(process.argv.slice(2));
