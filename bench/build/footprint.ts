// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The machine that a target's images run on, under emulation. */
const MACHINES: Readonly<Record<string, readonly string[]>> = {
  'kvm-x86_64': ['qemu-system-x86_64', '-M', 'microvm'],
  'kvm-arm64': ['qemu-system-aarch64', '-M', 'virt', '-cpu', 'cortex-a57'],
  'kvm-arm': ['qemu-system-arm', '-M', 'virt', '-cpu', 'cortex-a15'],
};
const STEP_KIB = 64;
const MOST_STEPS = 1_024;
/** A guest that has too little may stand still. */
const PATIENCE_MILLISECONDS = 10_000;

/** The least memory, in KiB, with which QEMU starts an image that then reaches main; null for other platforms than QEMU's. */
export function leastMemoryKib(target: string, image: string): number | null {
  const machine = MACHINES[target];
  if (machine === undefined) return null;
  let [low, high] = [0, MOST_STEPS];
  if (!reachesMain(machine, image, high * STEP_KIB)) throw new Error(`${target} does not boot`);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (reachesMain(machine, image, middle * STEP_KIB)) high = middle;
    else low = middle;
  }
  return high * STEP_KIB;
}

function reachesMain(machine: readonly string[], image: string, kib: number): boolean {
  const [program = '', ...args] = machine;
  args.push('-accel', 'tcg', '-m', `${kib}K`, '-nodefaults', '-no-user-config');
  args.push('-display', 'none', '-no-reboot', '-serial', 'stdio', '-kernel', image);
  const options = { timeout: PATIENCE_MILLISECONDS, input: '' };
  return spawnSync(program, args, options).stdout.toString().includes('uc: exit 0');
}

const HELLO = '#include <stdio.h>\nint main(void) { puts("Hello, world!"); return 0; }\n';

/** Bytes of the smallest usual program of Linux that needs nothing else: static, of the C library of the machine. */
export function staticProgramBytes(folder: string): number {
  const source = join(folder, 'hello.c');
  const program = join(folder, 'hello');
  writeFileSync(source, HELLO);
  execFileSync('gcc', ['-Os', '-static', '-s', '-o', program, source]);
  return statSync(program).size;
}
