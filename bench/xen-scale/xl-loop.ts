// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { XenHost } from '../../test/xenhost/xen-host.ts';
import type { Way } from './ways.ts';

const KERNEL = '/root/bench-kernel';

/** `xl create` in a shell loop of dom0's, which measures itself. */
export async function xlLoop(host: XenHost, image: string): Promise<Way> {
  await host.put(image, KERNEL);
  const script = `
while read -r verb name; do
	begun=$(date +%s%N)
	case $verb in
	create) xl create -q -e /dev/null "name=\\"$name\\"" 'kernel="${KERNEL}"' 'type="pvh"' memory=2 vcpus=1 </dev/null ;;
	destroy) xl destroy "$name" </dev/null ;;
	esac && echo $((($(date +%s%N) - begun) / 1000)) || echo failed
done`;
  const shell = spawn('ssh', [...host.sshArguments, script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  const names: string[] = [];
  let made = 0;
  const ask = async (verb: string, name: string): Promise<number> => {
    shell.stdin.write(`${verb} ${name}\n`);
    const line = await lines.next();
    if (line.done === true || line.value === 'failed') throw new Error(`xl ${verb} failed`);
    return Number(line.value) / 1000;
  };
  return {
    create: async () => {
      const name = `scale-${++made}`;
      const milliseconds = await ask('create', name);
      names.push(name);
      return milliseconds;
    },
    destroy: () => ask('destroy', names.shift() ?? ''),
    told: () => null,
    close: () => {
      shell.stdin.end();
      return Promise.resolve();
    },
  };
}
