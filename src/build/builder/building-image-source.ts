// SPDX-License-Identifier: BSD-3-Clause
import { ERROR_CODES, UnicoreError, type ErrorCode } from '../../errors/index.js';
import type { PoolsConfigurator } from '../configurator/index.js';
import type { StoredImage } from '../image.js';
import type { Builder, ConfigurationRequest, ImageSource, ImageStore } from '../ports.js';
import type { BuildCache } from './build-cache.js';

export interface BuildingImageSourceOptions {
  readonly configurator: PoolsConfigurator;
  readonly cache: BuildCache;
  readonly builder: Builder;
  readonly images: ImageStore;
}

/** Gives images from the store, and has those built that are not there. */
export class BuildingImageSource implements ImageSource {
  readonly #options: BuildingImageSourceOptions;

  constructor(options: BuildingImageSourceOptions) {
    this.#options = options;
  }

  async imageFor(request: ConfigurationRequest, signal?: AbortSignal): Promise<StoredImage> {
    signal?.throwIfAborted();
    const { configurator, cache, builder, images } = this.#options;
    const { app, source, target, symbols } = request;
    const configuration = await configurator.resolve(request);
    const stored = await cache.find(await cache.inputsHash(configuration));
    if (stored !== null) return stored;

    const { id } = await builder.submit({ app, source, targets: [target], symbols });
    try {
      const build = await builder.wait(id, signal);
      const [result] = build.targets;
      if (result?.image != null) return await images.get(result.image);
      const { code, message } = result?.error ?? { code: 'INTERNAL', message: 'nothing was built' };
      throw new UnicoreError(isErrorCode(code) ? code : 'INTERNAL', message);
    } catch (error) {
      if (signal?.aborted === true) await builder.cancel(id);
      throw error;
    }
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
