// SPDX-License-Identifier: BSD-3-Clause
import type { Builder, ImageStore } from '../../build/ports.js';
import type {
  Hosts,
  Instances,
  Operations,
  ResourceKind,
  WarmPools,
} from '../../orchestrator/ports.js';
import { instanceView } from '../instances/instance-view.js';
import { operationView } from '../operations/operation-view.js';
import { warmPoolView } from '../warm-pools/warm-pool-view.js';
import type { EventFilter } from './event-filter.js';

export interface SnapshotSources {
  readonly instances: Instances;
  readonly hosts: Hosts;
  readonly builder: Builder;
  readonly images: ImageStore;
  readonly operations: Operations;
  readonly warmPools: WarmPools;
}

/** What there is of a kind, in pages, as far as the filter lets it through. */
export async function* snapshotPages(
  kind: ResourceKind,
  filter: EventFilter,
  sources: SnapshotSources,
): AsyncGenerator<readonly unknown[]> {
  switch (kind) {
    case 'instance':
      yield* instancePages(filter, sources.instances);
      return;
    case 'host':
      yield await sources.hosts.list();
      return;
    case 'build':
      yield await sources.builder.list();
      return;
    case 'image':
      yield await sources.images.list();
      return;
    case 'operation':
      yield sources.operations.list().map((operation) => operationView(operation, { items: 0 }));
      return;
    case 'warm-pool':
      yield sources.warmPools.list().map(warmPoolView);
  }
}

function* instancePages(filter: EventFilter, instances: Instances): Generator<readonly unknown[]> {
  const selector = filter.selector === undefined ? {} : { selector: filter.selector };
  let cursor: string | null = null;
  do {
    const page = instances.list({
      limit: 500,
      ...selector,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const instance of page.items) filter.note(instance);
    yield page.items.map(instanceView);
    cursor = page.next;
  } while (cursor !== null);
}
