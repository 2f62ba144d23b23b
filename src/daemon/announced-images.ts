// SPDX-License-Identifier: BSD-3-Clause
import type { ImageStore } from '../build/index.js';
import type { EventLog } from '../orchestrator/index.js';

/** The image store as clients change it: whoever watches events hears of imports and deletions. */
export function announcedImages(images: ImageStore, events: EventLog): ImageStore {
  return {
    get: (digest) => images.get(digest),
    list: () => images.list(),
    async import(source) {
      const image = await images.import(source);
      const { digest, bytes, bootProtocols } = image.manifest;
      events.append({
        type: 'image.imported',
        resource: { kind: 'image', id: digest },
        data: { bytes, bootProtocols },
      });
      return image;
    },
    async delete(digest) {
      await images.delete(digest);
      events.append({ type: 'image.deleted', resource: { kind: 'image', id: digest }, data: {} });
    },
  };
}
