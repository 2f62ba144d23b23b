// SPDX-License-Identifier: BSD-3-Clause
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MINIMAL_ENVIRONMENT, runCommand } from '../../src/process/index.js';
import { Guest } from '../pools/guest.js';
import { xenForArm64 } from './image.js';

/** A guest that Xen itself makes, without a dom0. */
export interface DomU {
  readonly image: string;
  readonly memoryKibibytes: number;
  readonly commandLine?: string;
  /** Whether it is told of Xen's interfaces in its device tree; there is no xenstore without a dom0. */
  readonly enhanced?: boolean;
}

const MACHINE = 'virt,virtualization=on,gic-version=3';
const CPU = ['-cpu', 'cortex-a57', '-m', '512M', '-smp', '1'];
/** Free in this machine: QEMU puts the device tree into the middle of the first 256 MiB. */
const IMAGE_AT = 0x50000000;

/** Looked for once: it takes seconds. */
let hypervisor: Promise<string> | undefined;

/**
 * Boots Xen in QEMU, with one guest, whose console Xen writes on its own with `(d1) ` before each line.
 * Sources: Xen, docs/misc/arm/device-tree/booting.txt and docs/features/dom0less.pandoc.
 * @param folder - for what is made on the way
 */
export async function startXenArm64(folder: string, domU: DomU): Promise<Guest> {
  const xen = await (hypervisor ??= xenForArm64());
  const tree = await deviceTree(folder, domU);
  const args = ['-M', MACHINE, '-accel', 'tcg', ...CPU];
  args.push('-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', 'stdio');
  args.push('-kernel', xen, '-dtb', tree);
  args.push('-device', `loader,file=${domU.image},addr=${IMAGE_AT},force-raw=on`);
  return new Guest('qemu-system-aarch64', args, { PATH: process.env.PATH ?? '' });
}

/** The machine's own tree, and what Xen reads of its guests in it. */
async function deviceTree(folder: string, domU: DomU): Promise<string> {
  const machine = join(folder, 'machine.dtb');
  const source = join(folder, 'xen.dts');
  const tree = join(folder, 'xen.dtb');
  await run('qemu-system-aarch64', ['-M', `${MACHINE},dumpdtb=${machine}`, ...CPU]);
  const ofMachine = await run('dtc', ['-q', '-I', 'dtb', '-O', 'dts', machine]);
  const { size } = await stat(domU.image);
  await writeFile(source, `${ofMachine}\n${chosen(domU, size)}`);
  await run('dtc', ['-q', '-I', 'dts', '-O', 'dtb', '-o', tree, source]);
  return tree;
}

function chosen(domU: DomU, imageBytes: number): string {
  return `/ { chosen {
  xen,xen-bootargs = "console=dtuart dtuart=/pl011@9000000 loglvl=all guest_loglvl=all bootscrub=0";
  domU1 {
    compatible = "xen,domain";
    #address-cells = <2>;
    #size-cells = <2>;
    memory = <0 ${domU.memoryKibibytes}>;
    cpus = <1>;
    ${domU.enhanced === true ? 'xen,enhanced = "no-xenstore";' : ''}
    module@50000000 {
      compatible = "multiboot,kernel", "multiboot,module";
      reg = <0 ${IMAGE_AT} 0 ${imageBytes}>;
      bootargs = ${JSON.stringify(domU.commandLine ?? '')};
    };
  };
}; };
`;
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const result = await runCommand(program, args, {
    environment: MINIMAL_ENVIRONMENT,
    timeoutMilliseconds: 60_000,
  });
  if (result.exitCode !== 0) throw new Error(`${program} failed:\n${result.stderr}`);
  return result.stdout;
}

/** Asks Xen, by its debug keys, what it knows of its guests: behind two changes of who gets the input. */
export function askForDomains(xen: Guest): void {
  xen.write(`${'\x01'.repeat(6)}q`);
}
