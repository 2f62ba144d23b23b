// SPDX-License-Identifier: BSD-3-Clause
import { Counter, type Registry } from 'prom-client';
import type { CollectionReport, Retention } from '../build/index.js';
import type { EventLog } from '../orchestrator/index.js';
import type { Configuration } from './configuration-schema.js';

const DAY_MILLISECONDS = 86_400_000;

/** What the build layer is to keep. */
export function retentionOf({ retention }: Configuration): Retention {
  const age = (days: number) => ({ maxAgeMilliseconds: days * DAY_MILLISECONDS });
  return {
    images: { maxBytes: retention.imageBytes, ...age(retention.imageDays) },
    debugFiles: age(retention.debugDays),
    builds: { maxBytes: retention.buildLogBytes, ...age(retention.buildDays) },
    objects: { maxBytes: retention.objectBytes, ...age(retention.objectDays) },
  };
}

/** Counts what was removed, and tells whoever watches events of images that are gone. */
export function collectionObserver(
  registry: Registry,
  events: EventLog,
): (report: CollectionReport) => void {
  const labelNames = ['kind'] as const;
  const registers = [registry];
  const removed = new Counter({
    name: 'unicore_collected_total',
    help: 'Images, debug files, records of builds and compiled objects removed because they are no longer kept',
    labelNames,
    registers,
  });
  const freed = new Counter({
    name: 'unicore_collected_bytes_total',
    help: 'Bytes of what was removed because it is no longer kept',
    labelNames,
    registers,
  });
  return ({ images, debugFiles, builds, objects }) => {
    const kinds = {
      image: { count: images.length, bytes: images.reduce((sum, { bytes }) => sum + bytes, 0) },
      'debug-file': debugFiles,
      build: builds,
      object: objects,
    };
    for (const [kind, { count, bytes }] of Object.entries(kinds)) {
      removed.inc({ kind }, count);
      freed.inc({ kind }, bytes);
    }
    for (const { digest } of images) {
      events.append({ type: 'image.deleted', resource: { kind: 'image', id: digest }, data: {} });
    }
  };
}
