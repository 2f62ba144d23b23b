// SPDX-License-Identifier: BSD-3-Clause
import { rmSync } from 'node:fs';
import type { RunningDaemon } from '../../test/support/running-daemon.ts';
import { Api } from './api.ts';

export interface Item {
  readonly id: string;
  readonly phase: string;
  readonly provisioning: string;
  readonly image: string;
}

interface OperationDocument {
  readonly id: string;
  readonly phase: string;
  readonly failed: number;
  readonly items: readonly { readonly id: string }[];
}

/** Creates an instance and waits until it is in one of the phases. @throws if it is in another */
export async function create(
  api: Api,
  body: object,
  phases: readonly string[] = ['running'],
): Promise<Item> {
  const { body: item } = await api.call<Item>('POST', '/v1/instances?wait=60', body);
  if (!phases.includes(item.phase)) throw new Error(`an instance is ${item.phase}`);
  return item;
}

export async function remove(api: Api, id: string): Promise<void> {
  await api.call('DELETE', `/v1/instances/${id}?wait=60`);
}

/** Creates at least two at once, and waits until all run. Gives their ids. @throws if one fails */
export async function createMany(
  api: Api,
  image: string,
  count: number,
): Promise<readonly string[]> {
  const accepted = await api.call<OperationDocument>('POST', '/v1/instances', { image, count });
  for (;;) {
    const path = `/v1/operations/${accepted.body.id}?wait=60&items=${count}`;
    const { body: operation } = await api.call<OperationDocument>('GET', path);
    if (operation.phase === 'running') continue;
    if (operation.failed > 0) throw new Error(`${operation.failed} of ${count} failed`);
    return operation.items.map(({ id }) => id);
  }
}

/** Deletes many, some at the same time. */
export async function removeMany(api: Api, ids: readonly string[]): Promise<void> {
  for (let index = 0; index < ids.length; index += 32) {
    await Promise.all(ids.slice(index, index + 32).map((id) => remove(api, id)));
  }
}

/**
 * Ends a daemon with its warm pools, its instances and its directory, wherever a benchmark was broken off: cancels what is under way, and starts the
 * daemon again if it does not run, since instances outlive it. The benchmark's own clients are to be closed before.
 */
export async function endWithInstances(daemon: RunningDaemon): Promise<void> {
  if (!daemon.isRunning) await daemon.start();
  const api = new Api(daemon.url, daemon.token);
  try {
    const { body } = await api.call<{ items: OperationDocument[] }>('GET', '/v1/operations');
    for (const { id, phase } of body.items) {
      if (phase === 'running') await api.call('DELETE', `/v1/operations/${id}`);
    }
    const pools = await api.call<{ items: { name: string }[] }>('GET', '/v1/warm-pools');
    for (const { name } of pools.body.items) await api.call('DELETE', `/v1/warm-pools/${name}`);
    const all = { all: true };
    const deletion = await api.call<OperationDocument>('POST', '/v1/instances:delete', all);
    const path = `/v1/operations/${deletion.body.id}?wait=60&items=1`;
    while ((await api.call<OperationDocument>('GET', path)).body.phase === 'running');
  } finally {
    api.close();
    await daemon.end('SIGTERM');
    rmSync(daemon.directory, { recursive: true, force: true });
  }
}
