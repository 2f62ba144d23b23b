// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import type { Host, HostExamination, Hosts } from '../ports.js';
import type { Examinations } from './examination.js';
import type { ManagedHost } from './managed-host.js';

/** The hosts as clients see them. */
export class HostDirectory implements Hosts {
  constructor(
    private readonly hosts: ReadonlyMap<string, ManagedHost>,
    private readonly instancesOn: (host: string) => number,
    private readonly examinations: Examinations,
  ) {}

  list(): Promise<readonly Host[]> {
    return Promise.resolve([...this.hosts.values()].map((host) => this.#view(host)));
  }

  async get(id: string): Promise<Host> {
    return Promise.resolve(this.#view(this.#host(id)));
  }

  async examine(id: string): Promise<HostExamination> {
    return this.examinations.examine(this.#host(id));
  }

  /** @throws UNKNOWN_HOST */
  #host(id: string): ManagedHost {
    const host = this.hosts.get(id);
    if (host !== undefined) return host;
    const text = `There is no host ${id}; there are: ${[...this.hosts.keys()].join(', ')}.`;
    throw new UnicoreError('UNKNOWN_HOST', text);
  }

  #view(host: ManagedHost): Host {
    return {
      id: host.id,
      driver: host.driver.kind,
      state: host.state,
      reason: host.reason,
      capabilities: host.driver.capabilities,
      facts: factsOf(host),
      concurrency: host.creates.limit,
      reservedBytes: host.capacity.heldBytes,
      instances: this.instancesOn(host.id),
      strangers: host.strangers,
    };
  }
}

/** What the machine is known by is for telling hosts apart, and nobody's business outside. */
function factsOf({ facts }: ManagedHost): Host['facts'] {
  if (facts === null) return null;
  const { hypervisor, memoryBytes, freeMemoryBytes, cpus, overhead, acceleration } = facts;
  return { hypervisor, memoryBytes, freeMemoryBytes, cpus, overhead, acceleration };
}
