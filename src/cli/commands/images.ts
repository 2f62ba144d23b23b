// SPDX-License-Identifier: BSD-3-Clause
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import {
  collectionReportSchema,
  imagePageSchema,
  imageSchema,
  operationSchema,
  type ImageDocument,
} from '../../wire/index.js';
import { messageOf } from '../../errors/index.js';
import type { CommandContext, RegisterCommands } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { followOperation } from '../follow-operation.js';
import { age, bytes, table } from '../output.js';

/** `images`: the store of images, and what is in each. */
export const registerImages: RegisterCommands = (program, context) => {
  const images = program.command('images').description('list and handle the images in the store');

  images
    .command('ls', { isDefault: true })
    .description('list the images, newest first')
    .action(async () => {
      const { items } = await context.client.call(imagePageSchema, 'GET', '/v1/images');
      context.output.result(items, () => imageTable(items));
    });

  images
    .command('show <image>')
    .description("show an image's manifest; an image is its digest, or the beginning of one")
    .action(async (name: string) => {
      const image = await imageNamed(context, name);
      context.output.result(image, () => describe(image));
    });

  images
    .command('sizes <image>')
    .description('show what the bytes of an image are, by library and kind')
    .action(async (name: string) => {
      const { libraries } = await imageNamed(context, name);
      context.output.result(libraries, () => sizeTable(libraries));
    });

  images
    .command('sbom <image>')
    .description("print an image's bill of materials: SPDX 2.3, JSON")
    .action(async (name: string) => {
      const { digest } = await imageNamed(context, name);
      const { text } = await context.client.raw('GET', `/v1/images/${digest}/sbom`);
      context.output.write(`${text}\n`);
    });

  images
    .command('import <file>')
    .description(
      'take in a unikernel that was built elsewhere: an ELF file, a bzImage or an arm64 Image',
    )
    .action(async (file: string) => {
      const size = await sizeOf(file);
      const image = await context.client.call(imageSchema, 'POST', '/v1/images', {
        upload: { stream: createReadStream(file), bytes: size },
      });
      context.output.result(image, () => describe(image));
    });

  images
    .command('prune')
    .description(
      'remove what the retention settings do not keep: images that nothing uses, old builds and objects',
    )
    .option('-n, --dry-run', 'show what would be removed')
    .action(async ({ dryRun = false }: { readonly dryRun?: boolean }) => {
      const report = await context.client.call(collectionReportSchema, 'POST', '/v1/images:prune', {
        body: { dryRun },
      });
      context.output.result(report, () => {
        const { debugFiles, builds, objects, freedBytes } = report;
        const row = (kind: string, count: number, size: number) => [kind, `${count}`, bytes(size)];
        const imageBytes = report.images.reduce((sum, image) => sum + image.bytes, 0);
        return table(
          [dryRun ? 'WOULD REMOVE' : 'REMOVED', 'COUNT', 'BYTES'],
          [
            row('images', report.images.length, imageBytes),
            row('debug files', debugFiles.count, debugFiles.bytes),
            row('builds', builds.count, builds.bytes),
            row('objects', objects.count, objects.bytes),
            ['total', '', bytes(freedBytes)],
          ],
        );
      });
    });

  images
    .command('pull <reference>')
    .description('pull an image from a registry: registry/name:tag')
    .action(async (reference: string) => {
      await transfer(context, '/v1/images:pull', reference, 'pulled');
    });

  images
    .command('push <image> <reference>')
    .description('push an image and its bill of materials to a registry, as an OCI artifact')
    .action(async (name: string, reference: string) => {
      const { digest } = await imageNamed(context, name);
      await transfer(context, `/v1/images/${digest}:push`, reference, 'pushed');
    });

  images
    .command('rm <image...>')
    .description('delete images that no instance uses')
    .action(async (names: readonly string[]) => {
      for (const name of names) {
        const { digest } = await imageNamed(context, name);
        await context.client.raw('DELETE', `/v1/images/${digest}`);
        context.output.result({ deleted: digest }, () => digest);
      }
    });
};

async function transfer(
  context: CommandContext,
  path: string,
  reference: string,
  done: string,
): Promise<void> {
  const operation = await context.client.call(operationSchema, 'POST', path, {
    body: { reference },
  });
  await followOperation(context, operation, done);
}

/** The image of a digest, or of the beginning of one, with or without `sha256:`. @throws CommandError */
export async function imageNamed(context: CommandContext, name: string): Promise<ImageDocument> {
  const start = name.startsWith('sha256:') ? name : `sha256:${name}`;
  const { items } = await context.client.call(imagePageSchema, 'GET', '/v1/images');
  const found = items.filter(({ digest }) => digest.startsWith(start));
  const [image, another] = found;
  if (image !== undefined && another === undefined) return image;
  throw another === undefined
    ? new CommandError(`No image is called ${name}; see unicore images.`, EXIT.notFound)
    : new CommandError(`${found.length} images begin with ${name}; write more of it.`, EXIT.usage);
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw new CommandError(messageOf(error), EXIT.usage);
  }
}

function imageTable(images: readonly ImageDocument[]): string {
  return table(
    ['DIGEST', 'APP', 'TARGET', 'SIZE', 'BOOT', 'AGE'],
    images.map((image) => [
      image.digest.slice(0, 19),
      image.app ?? '-',
      image.target ?? image.architecture,
      bytes(image.bytes),
      image.bootProtocols.join(' '),
      age(image.createdAt),
    ]),
  );
}

function describe(image: ImageDocument): string {
  const least = image.minimumMemoryBytes;
  return table(
    ['IMAGE', image.digest],
    [
      ['app', image.app ?? '-'],
      ['target', image.target ?? image.architecture],
      ['boot', image.bootProtocols.join(' ')],
      ['size', bytes(image.bytes)],
      ['memory', least === null ? '-' : `at least ${bytes(least)}`],
      ['origin', image.pulledFrom ?? image.origin],
      ['build id', image.buildId ?? '-'],
      ['compiler', image.compiler ?? '-'],
      ['description', image.description ?? '-'],
      ['libraries', image.libraries.map(({ name }) => name).join(' ') || '-'],
      ['created', image.createdAt],
    ],
  );
}

function sizeTable(libraries: ImageDocument['libraries']): string {
  const kinds = ['code', 'constants', 'data', 'bss'] as const;
  const cell = (library: (typeof libraries)[number], kind: (typeof kinds)[number]): string =>
    library.sizes === null ? '-' : String(library.sizes[kind]);
  const sum = (value: (library: (typeof libraries)[number]) => number): string =>
    String(libraries.reduce((total, library) => total + value(library), 0));
  return table(
    ['LIBRARY', 'VERSION', 'LICENCE', 'CODE', 'CONSTANTS', 'DATA', 'BSS', 'TOTAL'],
    [
      ...libraries.map((library) => [
        library.name,
        library.version ?? '-',
        library.licence ?? '-',
        ...kinds.map((kind) => cell(library, kind)),
        String(library.bytes),
      ]),
      [
        'total',
        '',
        '',
        ...kinds.map((kind) => sum(({ sizes }) => sizes?.[kind] ?? 0)),
        sum((library) => library.bytes),
      ],
    ],
  );
}
