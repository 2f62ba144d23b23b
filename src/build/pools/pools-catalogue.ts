// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import { nearestNames } from '../nearest-names.js';
import type { Application, Catalogue, Library } from '../ports.js';
import type { Target } from '../target.js';
import type { Pools, PoolsView } from './pools.js';

/** The catalogue of what a pools directory holds. */
export class PoolsCatalogue implements Catalogue {
  readonly #pools: Pools;

  constructor(pools: Pools) {
    this.#pools = pools;
  }

  async libraries(): Promise<readonly Library[]> {
    return (await this.#view()).libraries;
  }

  async library(name: string): Promise<Library> {
    const libraries = await this.libraries();
    const found = libraries.find((library) => library.name === name);
    if (found !== undefined) return found;
    throw new UnicoreError(
      'UNKNOWN_LIBRARY',
      unknown(
        'library',
        name,
        libraries.map((library) => library.name),
      ),
    );
  }

  async applications(): Promise<readonly Application[]> {
    return (await this.#view()).applications;
  }

  async application(name: string): Promise<Application> {
    return applicationIn(await this.#view(), name);
  }

  #view(): Promise<PoolsView> {
    return this.#pools.view();
  }
}

/** @throws UNKNOWN_APP */
export function applicationIn(view: PoolsView, name: string): Application {
  const found = view.applications.find((application) => application.name === name);
  if (found !== undefined) return found;
  const names = view.applications.map((application) => application.name);
  throw new UnicoreError('UNKNOWN_APP', unknown('application', name, names), {
    errors: [{ path: 'app', message: 'no such application' }],
  });
}

/** @throws UNKNOWN_TARGET */
export function requireTarget(view: PoolsView, target: string): Target {
  const found = view.targets.find((candidate) => candidate === target);
  if (found !== undefined) return found;
  throw new UnicoreError('UNKNOWN_TARGET', unknown('target', target, view.targets), {
    errors: [{ path: 'target', message: 'no such target' }],
  });
}

function unknown(what: string, name: string, known: readonly string[]): string {
  const near = nearestNames(name, known);
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : known.length === 0
        ? `The pools have none.`
        : `Known are: ${known.slice(0, 20).join(', ')}${known.length > 20 ? ', …' : ''}.`;
  return `There is no ${what} ${JSON.stringify(name.slice(0, 100))} in the pools. ${hint}`;
}
