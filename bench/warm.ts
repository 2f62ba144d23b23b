// SPDX-License-Identifier: BSD-3-Clause
// From POST to a guest in `main`: out of a warm pool, cold, and (for QEMU) against `virsh create` of the same guest, in turns.
//   node bench/warm.ts [--output FILE] [--rounds 30]
// Needs `dist/` to be built, the pools' compiler, and root for a libvirtd of its own.
import './support/built-sources.ts';

const { run } = await import('./warm/run.ts');
await run(process.argv.slice(2));
