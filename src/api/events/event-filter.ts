// SPDX-License-Identifier: BSD-3-Clause
import type { Instance } from '../../orchestrator/instance.js';
import type { EventRecord, Instances, ResourceKind } from '../../orchestrator/ports.js';
import { parseSelector } from '../../orchestrator/index.js';

/**
 * Which events a subscription is about. A selector is about labels, which only instances have. An instance that is gone by
 * the time its event is sent is judged by the labels in the event, or by what it was judged as before.
 */
export class EventFilter {
  readonly #kinds: ReadonlySet<ResourceKind>;
  readonly #selects: ((labels: Readonly<Record<string, string>>) => boolean) | null;
  readonly #matched = new Set<string>();

  /** @throws INVALID_REQUEST if the selector cannot be read */
  constructor(
    kinds: readonly ResourceKind[],
    readonly selector: string | undefined,
    private readonly instances: Instances,
  ) {
    this.#kinds = new Set(kinds);
    this.#selects = selector === undefined ? null : parseSelector(selector);
  }

  /** Notes that an instance was in the snapshot. */
  note(instance: Instance): void {
    if (this.#selects !== null) this.#matched.add(instance.id);
  }

  matches(event: EventRecord): boolean {
    const { kind, id } = event.resource;
    if (!this.#kinds.has(kind)) return false;
    if (this.#selects === null || kind !== 'instance') return true;
    const labels = labelsIn(event) ?? this.#labelsOf(id);
    if (labels === null) {
      const matched = this.#matched.has(id);
      if (event.type === 'instance.deleted') this.#matched.delete(id);
      return matched;
    }
    const selected = this.#selects(labels);
    if (selected && event.type !== 'instance.deleted') this.#matched.add(id);
    else this.#matched.delete(id);
    return selected;
  }

  #labelsOf(id: string): Readonly<Record<string, string>> | null {
    try {
      return this.instances.get(id).spec.labels;
    } catch {
      return null; // deleted since
    }
  }
}

function labelsIn(event: EventRecord): Readonly<Record<string, string>> | null {
  const labels = event.data.labels;
  return typeof labels === 'object' && labels !== null ? (labels as Record<string, string>) : null;
}
