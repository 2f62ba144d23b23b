// SPDX-License-Identifier: BSD-3-Clause
import type { Build, Builder } from '../../build/ports.js';
import { UnicoreError } from '../../errors/index.js';
import type { Principal } from '../auth/token-registry.js';

/** Counts the builds that each client has under way, and refuses one too many. */
export class BuildQuota {
  readonly #builds = new Map<string, Set<string>>();
  readonly #starting = new Map<string, number>();

  constructor(builder: Pick<Builder, 'onChange'>) {
    builder.onChange(({ id, phase }) => {
      if (isUnderWay(phase)) return;
      for (const [name, ids] of this.#builds) {
        if (ids.delete(id) && ids.size === 0) this.#builds.delete(name);
      }
    });
  }

  underWay(name: string): number {
    return (this.#builds.get(name)?.size ?? 0) + (this.#starting.get(name) ?? 0);
  }

  /** Starts a build for a client. @throws QUOTA_EXCEEDED, and what `submit` throws */
  async submit({ name, quota }: Principal, submit: () => Promise<Build>): Promise<Build> {
    const used = this.underWay(name);
    const limit = quota.builds ?? Infinity;
    if (used >= limit) {
      throw new UnicoreError(
        'QUOTA_EXCEEDED',
        `The quota of ${name} is ${limit} builds at the same time, and ${used} are under way. Wait for one to end.`,
        { retryAfterSeconds: 1 },
      );
    }
    this.#starting.set(name, (this.#starting.get(name) ?? 0) + 1);
    try {
      const build = await submit();
      if (isUnderWay(build.phase)) {
        this.#builds.set(name, (this.#builds.get(name) ?? new Set<string>()).add(build.id));
      }
      return build;
    } finally {
      const left = (this.#starting.get(name) ?? 1) - 1;
      if (left > 0) this.#starting.set(name, left);
      else this.#starting.delete(name);
    }
  }
}

function isUnderWay(phase: Build['phase']): boolean {
  return phase === 'queued' || phase === 'running';
}
