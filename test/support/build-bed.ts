// SPDX-License-Identifier: BSD-3-Clause
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import {
  createBuildLayer,
  type BuildLayer,
  type BuildLayerOptions,
} from '../../src/build/build-layer.js';
import type { Build, BuildRequest } from '../../src/build/ports.js';
import type { Target } from '../../src/build/target.js';
import { isUnicoreError, type ErrorCode } from '../../src/errors/index.js';
import { fakePools, type FakePools } from './fake-pools.js';
import { recordingLogger } from './logger.js';

export const WAIT = { timeout: 20_000, interval: 10 };

/** A build layer on fake pools, both new for each test of the suite that asks for it. */
export function useBuildBed(): BuildBed {
  const bed = new BuildBed();
  beforeEach(async () => {
    bed.fake = await fakePools();
    bed.layer = await bed.open();
  });
  afterEach(async () => {
    await bed.layer.close();
    await bed.fake.remove();
  });
  return bed;
}

export class BuildBed {
  declare fake: FakePools;
  declare layer: BuildLayer;

  open(options: Partial<BuildLayerOptions> = {}): Promise<BuildLayer> {
    return createBuildLayer({
      poolsDirectory: this.fake.directory,
      stateDirectory: join(this.fake.root, 'state'),
      cacheDirectory: join(this.fake.root, 'cache'),
      logger: recordingLogger(),
      // What these rules do shows in the pools, which a confined build cannot change. test/build/ has those.
      sandboxProgram: null,
      ...options,
    });
  }

  async reopen(options: Partial<BuildLayerOptions>): Promise<void> {
    await this.layer.close();
    this.layer = await this.open(options);
  }

  async built(app: string, targets?: readonly Target[]): Promise<Build> {
    const { id } = await this.layer.builder.submit(request(app, targets));
    return this.layer.builder.wait(id);
  }

  async logOf(id: string, from = 0): Promise<string> {
    let text = '';
    for await (const chunk of this.layer.builder.log(id, from)) text += chunk.text;
    return text;
  }

  async untilRunning(id: string): Promise<void> {
    await vi.waitFor(async () => {
      const { targets } = await this.layer.builder.get(id);
      expect(targets.some(({ phase }) => phase === 'running')).toBe(true);
    }, WAIT);
  }

  async untilPrinted(id: string, text: string): Promise<void> {
    for await (const chunk of this.layer.builder.log(id, 0)) if (chunk.text.includes(text)) return;
  }

  workIn(): Promise<string[]> {
    return readdir(join(this.fake.root, 'cache', 'work'));
  }
}

export function request(app: string, targets: readonly Target[] = ['kvm-x86_64']): BuildRequest {
  return { app, targets, symbols: {} };
}

/** Whether something ends with this error. */
export async function refused(promise: Promise<unknown>, code: ErrorCode): Promise<boolean> {
  return promise.then(
    () => false,
    (error: unknown) => isUnicoreError(error, code),
  );
}
