// SPDX-License-Identifier: BSD-3-Clause
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_BACKGROUND, type StoredImage } from '../../src/build/image.ts';
import type { HypervisorDriver } from '../../src/orchestrator/drivers/driver.ts';
import type * as Libvirt from '../../src/orchestrator/drivers/libvirt/index.js';
import type * as Dom0 from '../../src/orchestrator/drivers/dom0/index.js';
import type * as Xl from '../../src/orchestrator/drivers/xl/index.js';
import type { XenHost } from '../../test/xenhost/xen-host.ts';

const BUILT = '../../dist/orchestrator/drivers';
const { SshDom0 } = (await import(`${BUILT}/dom0/index.js`)) as typeof Dom0;
const { XlDriver } = (await import(`${BUILT}/xl/index.js`)) as typeof Xl;
const { LibvirtDriver } = (await import(`${BUILT}/libvirt/index.js`)) as typeof Libvirt;

const MEMORY_BYTES = 2 * 1024 * 1024;
/** One owner each: with the same, one driver would take the other's guests for its own. */
const OWNERS = { xl: 'scalewithxl', libvirt: 'scalewithlibvirt' } as const;

/** One way to make and end guests. */
export interface Way {
  /** Makes a guest; milliseconds that it took. */
  create(): Promise<number>;
  /** Ends the oldest guest; milliseconds that it took. */
  destroy(): Promise<number>;
  /** Of how many guests a driver has said that they reached main; null where there is no driver. */
  told(): number | null;
  close(): Promise<void>;
}

async function timed(action: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await action();
  return performance.now() - begun;
}

/** One of our drivers, over the network. */
export async function driverWay(
  name: 'xl driver' | 'libvirt driver',
  host: XenHost,
  path: string,
  folder: string,
): Promise<Way> {
  const driver = name === 'xl driver' ? xlDriver(host, folder) : libvirtDriver(host, folder);
  const ready = new Set<string>();
  driver.onEvent((event) => {
    if (event.type === 'ready') ready.add(event.id);
  });
  await driver.open();
  const ids: string[] = [];
  const image = storedImage(path);
  return {
    create: () =>
      timed(async () => {
        const id = randomUUID();
        const shape = { memoryBytes: MEMORY_BYTES, vcpus: 1, args: [], paused: false, park: false };
        await driver.create({ id, name: 'scale', image, ...shape });
        ids.push(id);
      }),
    destroy: () => timed(() => driver.destroy(ids.shift() ?? '')),
    told: () => ready.size,
    close: () => driver.close(),
  };
}

function dom0(host: XenHost, folder: string) {
  return new SshDom0({
    destination: 'root@127.0.0.1',
    options: host.sshOptions,
    controlPath: join(folder, randomUUID().slice(0, 8)),
  });
}

function xlDriver(host: XenHost, folder: string): HypervisorDriver {
  return new XlDriver({ dom0: dom0(host, folder), owner: OWNERS.xl });
}

function libvirtDriver(host: XenHost, folder: string): HypervisorDriver {
  const silent = () => undefined;
  return new LibvirtDriver({
    uri: host.libvirtUri,
    owner: OWNERS.libvirt,
    directory: join(folder, 'libvirt'),
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    dom0: dom0(host, folder),
  });
}

function storedImage(path: string): StoredImage {
  const content = readFileSync(path);
  return {
    path,
    manifest: {
      digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
      bytes: content.length,
      app: 'daemonhello',
      target: 'xen-x86_64',
      architecture: 'x86_64',
      bootProtocols: ['pvh', 'xen-pv'],
      reportsReady: true,
      minimumMemoryBytes: null,
      libraries: [],
      configuration: null,
      inputsHash: null,
      parks: false,
      ...NO_BACKGROUND,
      origin: 'built',
      createdAt: new Date().toISOString(),
    },
  };
}
