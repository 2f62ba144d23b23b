// SPDX-License-Identifier: BSD-3-Clause
import type { ImageDigest } from '../../build/image.js';
import { UnicoreError } from '../../errors/index.js';
import type { Instances } from '../../orchestrator/ports.js';

/** @throws IMAGE_IN_USE if an instance runs the image or may be started with it again */
export function refuseIfInUse(instances: Instances, digest: ImageDigest): void {
  let cursor: string | null = null;
  do {
    const page = instances.list({ limit: 500, ...(cursor === null ? {} : { cursor }) });
    const user = page.items.find((instance) => instance.spec.image === digest);
    if (user !== undefined) {
      throw new UnicoreError(
        'IMAGE_IN_USE',
        `The instance ${user.name} (${user.id}) uses the image. Delete its instances first.`,
      );
    }
    cursor = page.next;
  } while (cursor !== null);
}
