// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../support/api.js';
import { create, remove } from '../support/instances.js';
import { Samples } from '../support/result.js';

export const APP = 'daemonhello';
const POOL = 'bench';
const SIZE = 4;
const WARM_UP = 5;

/** One guest of a hypervisor's own client: starts it, which is measured, and ends it, which is not. */
export type Rival = (samples: Samples) => Promise<void>;

/** From POST to `main` out of a warm pool and cold, and what the rival does, in turns. `makeRival` is given the id of a first instance. */
export async function measure(
  api: Api,
  target: string,
  rounds: number,
  makeRival: (id: string) => Rival = () => () => Promise.resolve(),
): Promise<Samples> {
  const samples = new Samples();
  const spawn = async (provisioning: string, more: object): Promise<string> => {
    const body = { app: APP, target, ...more };
    const item = await samples.time(`POST, ${provisioning}`, () => create(api, body));
    if (item.provisioning !== provisioning) throw new Error(`it was ${item.provisioning}`);
    return item.id;
  };

  const model = await spawn('cold', {});
  const rival = makeRival(model);
  await remove(api, model);
  await api.call('PUT', `/v1/warm-pools/${POOL}`, { app: APP, target, size: SIZE });
  for (let round = -WARM_UP; round < rounds; round++) {
    if (round === 0) samples.clear();
    await untilFull(api);
    await remove(api, await spawn('warm', {}));
    // The pool makes up for what was taken; what is measured next should not stand in its way.
    await untilFull(api);
    await remove(api, await spawn('cold', { provisioning: 'cold' }));
    await rival(samples);
  }
  await api.call('DELETE', `/v1/warm-pools/${POOL}`);
  return samples;
}

async function untilFull(api: Api): Promise<void> {
  for (let attempt = 0; attempt < 6000; attempt++) {
    const { body } = await api.call<{ ready: number; warming: number }>(
      'GET',
      `/v1/warm-pools/${POOL}`,
    );
    if (body.ready >= SIZE && body.warming === 0) return;
    await sleep(10);
  }
  throw new Error('the pool was not full within a minute');
}
