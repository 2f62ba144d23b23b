// SPDX-License-Identifier: BSD-3-Clause
import parseExpression from 'spdx-expression-parse';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { NO_BACKGROUND, type ImageManifest } from '../image.js';
import { joinLicences, spdxDocument } from './spdx.js';

/** What SPDX 2.3 wants of a document (https://spdx.github.io/spdx-spec/v2.3/), written down without the code's own types. */
const id = z.string().regex(/^SPDXRef-[A-Za-z0-9.-]+$/);
const licence = z.string().refine((text) => {
  if (text === 'NOASSERTION' || text === 'NONE') return true;
  parseExpression(text);
  return true;
});
const spdxSchema = z.strictObject({
  spdxVersion: z.literal('SPDX-2.3'),
  dataLicense: z.literal('CC0-1.0'),
  SPDXID: z.literal('SPDXRef-DOCUMENT'),
  name: z.string().min(1),
  documentNamespace: z.url().refine((url) => !url.includes('#')),
  creationInfo: z.strictObject({
    created: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    creators: z.array(z.string().regex(/^(Tool|Person|Organization): ./)).min(1),
  }),
  packages: z.array(
    z.strictObject({
      SPDXID: id,
      name: z.string().min(1),
      versionInfo: z.string().min(1).optional(),
      downloadLocation: z.literal('NOASSERTION'),
      filesAnalyzed: z.literal(false),
      checksums: z
        .array(
          z.strictObject({
            algorithm: z.literal('SHA256'),
            checksumValue: z.string().regex(/^[0-9a-f]{64}$/),
          }),
        )
        .optional(),
      sourceInfo: z.string().optional(),
      licenseConcluded: licence,
      licenseDeclared: licence,
      copyrightText: z.string(),
      primaryPackagePurpose: z.enum(['OPERATING-SYSTEM', 'LIBRARY', 'APPLICATION']),
      comment: z.string().optional(),
    }),
  ),
  relationships: z.array(
    z.strictObject({
      spdxElementId: id,
      relationshipType: z.enum(['DESCRIBES', 'STATIC_LINK', 'BUILD_TOOL_OF']),
      relatedSpdxElement: id,
    }),
  ),
});

const LIBRARY = {
  bytes: 10,
  sizes: { code: 4, constants: 3, data: 2, bss: 1 },
  version: '1.2',
  sourcesHash: 'a'.repeat(64),
};

const MANIFEST: ImageManifest = {
  digest: `sha256:${'b'.repeat(64)}`,
  bytes: 4096,
  app: 'hello',
  target: 'kvm-x86_64',
  architecture: 'x86_64',
  bootProtocols: ['pvh'],
  reportsReady: true,
  parks: true,
  minimumMemoryBytes: null,
  libraries: [
    { name: 'hello_world', licence: 'BSD-3-Clause', ...LIBRARY },
    { name: 'hello_world', licence: 'MIT OR Apache-2.0', ...LIBRARY },
    { ...LIBRARY, name: '(generated)', licence: null, version: null, sourcesHash: null },
  ],
  configuration: '',
  inputsHash: null,
  ...NO_BACKGROUND,
  compiler: 'gcc 12.2.0 (Debian 12.2.0-14)',
  origin: 'built',
  createdAt: '2030-01-01T00:00:00.000Z',
};

describe('spdxDocument', () => {
  it('is a valid document that names image, libraries and compiler, and joins them', () => {
    const document = spdxSchema.parse(spdxDocument(MANIFEST));
    const [image, ...rest] = document.packages;
    expect(image).toMatchObject({
      name: 'hello-kvm-x86_64',
      licenseDeclared: 'BSD-3-Clause AND (MIT OR Apache-2.0)',
    });
    expect(rest.map(({ name, versionInfo }) => [name, versionInfo])).toEqual([
      ['hello_world', '1.2'],
      ['hello_world', '1.2'],
      ['gcc', '12.2.0 (Debian 12.2.0-14)'],
    ]);
    const ids = document.packages.map(({ SPDXID }) => SPDXID);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { spdxElementId, relatedSpdxElement } of document.relationships) {
      expect([...ids, document.SPDXID]).toContain(spdxElementId);
      expect(ids).toContain(relatedSpdxElement);
    }
    expect(document.relationships).toHaveLength(4);
  });

  it('is the same for the same bytes, whenever and wherever they came from', () => {
    const later = { ...MANIFEST, createdAt: '2031-01-01T00:00:00.000Z' };
    expect(JSON.stringify(spdxDocument(later))).toBe(JSON.stringify(spdxDocument(MANIFEST)));
  });

  it('says nothing of what is not known of an import', () => {
    const manifest: ImageManifest = {
      ...MANIFEST,
      app: null,
      target: null,
      libraries: [],
      compiler: null,
      description: 'Linux 6.1',
    };
    const { packages } = spdxSchema.parse(spdxDocument(manifest));
    expect(packages).toHaveLength(1);
    expect(packages[0]).toMatchObject({ licenseDeclared: 'NOASSERTION', comment: 'Linux 6.1' });
  });

  it('claims no licence for a whole of which a part does not say its own', () => {
    const [first] = MANIFEST.libraries;
    const libraries = [{ ...first!, licence: null }, first!];
    expect(spdxDocument({ ...MANIFEST, libraries }).packages[0]?.licenseDeclared).toBe(
      'NOASSERTION',
    );
  });
});

it('joins licences in one order, each once', () => {
  expect(joinLicences(['MIT', 'BSD-3-Clause', 'MIT'])).toBe('BSD-3-Clause AND MIT');
  expect(joinLicences(['MIT'])).toBe('MIT');
});
