// SPDX-License-Identifier: BSD-3-Clause
/**
 * How long a guest takes from the start of QEMU to its end: helloworld on each machine, under emulation, in turns with
 * `qemu-system-x86_64 --version`, which is what the process alone costs.
 *
 *   node bench/boot.ts [--output FILE] [--rounds N]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { quantile } from './support/quantile.ts';

const { values: options } = parseArgs({
  options: { output: { type: 'string' }, rounds: { type: 'string', default: '20' } },
});
const folder = fileURLToPath(new URL('../pools/app/helloworld', import.meta.url));
const image = join(folder, 'build', 'helloworld_kvm-x86_64');
execFileSync('make', ['-s', '-C', folder], { stdio: ['ignore', 'ignore', 'inherit'] });

const guest = ['-accel', 'tcg', '-cpu', 'qemu64', '-m', '2', '-nodefaults', '-no-user-config'];
guest.push('-display', 'none', '-no-reboot', '-serial', 'stdio', '-kernel', image);
const QBOOT = ['-bios', '/usr/share/qemu/qboot.rom'];
const subjects: Readonly<Record<string, readonly string[]>> = {
  'qemu --version': ['--version'],
  microvm: ['-M', 'microvm,isa-serial=on', ...guest],
  'pc, qboot': ['-M', 'pc', ...QBOOT, ...guest],
  'q35, qboot': ['-M', 'q35', ...QBOOT, ...guest],
  'pc, SeaBIOS': ['-M', 'pc', ...guest],
};

const samples = new Map<string, number[]>();
for (let round = 0; round < Number(options.rounds); round++) {
  for (const [name, args] of Object.entries(subjects)) {
    const start = performance.now();
    const { stdout, error } = spawnSync('qemu-system-x86_64', args, { timeout: 60_000 });
    const milliseconds = performance.now() - start;
    const expected = name === 'qemu --version' ? 'QEMU' : 'uc: exit 0';
    if (error !== undefined || !stdout.toString().includes(expected)) {
      throw new Error(`${name} did not run: ${error?.message ?? stdout.toString()}`);
    }
    samples.set(name, [...(samples.get(name) ?? []), milliseconds]);
  }
}

const rows = [...samples].map(([machine, times]) => {
  const [best, median, p99] = [0, 0.5, 0.99].map((q) => Math.round(quantile(times, q)));
  return { machine, rounds: times.length, bestMs: best, medianMs: median, p99Ms: p99 };
});
console.table(rows);
if (options.output !== undefined) {
  writeFileSync(options.output, `${JSON.stringify({ benchmark: 'boot', rows }, null, 2)}\n`);
}
