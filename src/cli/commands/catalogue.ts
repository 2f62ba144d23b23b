// SPDX-License-Identifier: BSD-3-Clause
import {
  applicationPageSchema,
  hostPageSchema,
  imagePageSchema,
  libraryPageSchema,
} from '../../wire/index.js';
import type { RegisterCommands } from '../context.js';
import { age, bytes, table } from '../output.js';

/** `apps`, `libraries`, `images`, `hosts`: what there is. */
export const registerCatalogue: RegisterCommands = (program, context) => {
  program
    .command('apps')
    .description('list the applications of the pools')
    .action(async () => {
      const { items } = await context.client.call(applicationPageSchema, 'GET', '/v1/apps');
      context.output.result(items, () =>
        table(
          ['NAME', 'TARGETS', 'SUMMARY'],
          items.map((app) => [app.name, app.targets.join(' '), app.summary]),
        ),
      );
    });

  program
    .command('libraries')
    .description('list the micro-libraries of the pools')
    .action(async () => {
      const { items } = await context.client.call(libraryPageSchema, 'GET', '/v1/libraries');
      context.output.result(items, () =>
        table(
          ['POOL', 'NAME', 'SYMBOL', 'SUMMARY'],
          items.map((library) => [library.pool, library.name, library.symbol, library.summary]),
        ),
      );
    });

  program
    .command('images')
    .description('list the images in the store')
    .action(async () => {
      const { items } = await context.client.call(imagePageSchema, 'GET', '/v1/images');
      context.output.result(items, () =>
        table(
          ['DIGEST', 'APP', 'TARGET', 'SIZE', 'BOOT', 'AGE'],
          items.map((image) => [
            image.digest.slice(0, 19),
            image.app ?? '-',
            image.target ?? image.architecture,
            bytes(image.bytes),
            image.bootProtocols.join(' '),
            age(image.createdAt),
          ]),
        ),
      );
    });

  program
    .command('hosts')
    .description('list the hypervisor endpoints')
    .action(async () => {
      const { items } = await context.client.call(hostPageSchema, 'GET', '/v1/hosts');
      context.output.result(items, () =>
        table(
          ['ID', 'DRIVER', 'STATE', 'INSTANCES', 'HYPERVISOR', 'REASON'],
          items.map((host) => [
            host.id,
            host.driver,
            host.state,
            String(host.instances),
            host.facts === null ? '-' : `${host.facts.hypervisor} (${host.facts.acceleration})`,
            host.reason ?? '',
          ]),
        ),
      );
    });
};
