// SPDX-License-Identifier: BSD-3-Clause
/**
 * How long a guest takes from the start of QEMU to its end: helloworld on each machine, under emulation, in turns with
 * `qemu-system-x86_64 --version`, which is what the process alone costs.
 *
 *   node bench/boot.ts [--output FILE] [--rounds N]
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { poolImage } from './support/pool-image.ts';
import { publish, Samples } from './support/result.ts';

const { values: options } = parseArgs({
  options: { output: { type: 'string' }, rounds: { type: 'string', default: '20' } },
});
const image = poolImage('helloworld', 'kvm-x86_64');

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

const samples = new Samples();
for (let round = 0; round < Number(options.rounds); round++) {
  for (const [name, args] of Object.entries(subjects)) {
    const start = performance.now();
    const { stdout, error } = spawnSync('qemu-system-x86_64', args, { timeout: 60_000 });
    const milliseconds = performance.now() - start;
    const expected = name === 'qemu --version' ? 'QEMU' : 'uc: exit 0';
    if (error !== undefined || !stdout.toString().includes(expected)) {
      throw new Error(`${name} did not run: ${error?.message ?? stdout.toString()}`);
    }
    samples.add(name, milliseconds);
  }
}

publish('boot', [samples.table('From the start of QEMU to its end')], [], options.output);
