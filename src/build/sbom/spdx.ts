// SPDX-License-Identifier: BSD-3-Clause
import type { ImageLibrary, ImageManifest } from '../image.js';

/** A package of an SPDX document. Source of all names: SPDX Specification 2.3, clause 7, and its JSON schema. */
export interface SpdxPackage {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo?: string;
  readonly downloadLocation: string;
  readonly filesAnalyzed: false;
  readonly checksums?: readonly { readonly algorithm: 'SHA256'; readonly checksumValue: string }[];
  readonly sourceInfo?: string;
  readonly licenseConcluded: string;
  readonly licenseDeclared: string;
  readonly copyrightText: string;
  readonly primaryPackagePurpose: 'OPERATING-SYSTEM' | 'LIBRARY' | 'APPLICATION';
  readonly comment?: string;
}

export interface SpdxRelationship {
  readonly spdxElementId: string;
  readonly relationshipType: 'DESCRIBES' | 'STATIC_LINK' | 'BUILD_TOOL_OF';
  readonly relatedSpdxElement: string;
}

/** A software bill of materials, as JSON of SPDX 2.3, which more tools read than 3.0.1. */
export interface SpdxDocument {
  readonly spdxVersion: 'SPDX-2.3';
  readonly dataLicense: 'CC0-1.0';
  readonly SPDXID: 'SPDXRef-DOCUMENT';
  readonly name: string;
  readonly documentNamespace: string;
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] };
  readonly packages: readonly SpdxPackage[];
  readonly relationships: readonly SpdxRelationship[];
}

/** Changes whenever the same image would get another document: it is part of the document's name. */
const FORMAT = 1;
/** A document has to have a time. It says nothing that depends on one, and the same image is to have the same document. */
const CREATED = '1970-01-01T00:00:00Z';
const UNSAID = 'NOASSERTION';
const IMAGE_ID = 'SPDXRef-Image';
const COMPILER_ID = 'SPDXRef-Compiler';

/**
 * The bill of materials of an image: the image, the libraries that were linked into it, and the compiler. It depends on the
 * manifest only, and not on when or where it is asked for.
 */
export function spdxDocument(manifest: ImageManifest): SpdxDocument {
  const hash = manifest.digest.slice('sha256:'.length);
  const name = [manifest.app ?? 'image', manifest.target ?? manifest.architecture].join('-');
  // What the build rules wrote themselves (notes, tables) is no package of anybody's.
  const libraries = manifest.libraries.filter((library) => !library.name.startsWith('('));
  const described = libraries.map((library, index) => libraryPackage(library, index));
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `https://spdx.org/spdxdocs/unicore-${FORMAT}-${hash}`,
    creationInfo: { created: CREATED, creators: [`Tool: unicore-sbom-${FORMAT}`] },
    packages: [
      imagePackage(manifest, name, hash),
      ...described,
      ...(manifest.compiler === null ? [] : [compilerPackage(manifest.compiler)]),
    ],
    relationships: [
      related('SPDXRef-DOCUMENT', 'DESCRIBES', IMAGE_ID),
      ...described.map(({ SPDXID }) => related(IMAGE_ID, 'STATIC_LINK', SPDXID)),
      ...(manifest.compiler === null ? [] : [related(COMPILER_ID, 'BUILD_TOOL_OF', IMAGE_ID)]),
    ],
  };
}

function imagePackage(manifest: ImageManifest, name: string, hash: string): SpdxPackage {
  return {
    SPDXID: IMAGE_ID,
    name,
    versionInfo: manifest.buildId ?? hash,
    downloadLocation: UNSAID,
    filesAnalyzed: false,
    checksums: [{ algorithm: 'SHA256', checksumValue: hash }],
    licenseConcluded: UNSAID,
    licenseDeclared: licenceOfAll(manifest.libraries),
    copyrightText: UNSAID,
    primaryPackagePurpose: 'OPERATING-SYSTEM',
    comment:
      manifest.description ??
      `A unikernel for ${manifest.architecture}, booted by ${manifest.bootProtocols.join(', ')}.`,
  };
}

function libraryPackage(library: ImageLibrary, index: number): SpdxPackage {
  const { name, version, licence, sourcesHash, sizes } = library;
  return {
    // Two pools may have a library of the same name.
    SPDXID: `SPDXRef-Library-${index}-${name.replaceAll(/[^A-Za-z0-9.-]/g, '-')}`,
    name,
    ...(version === null ? {} : { versionInfo: version }),
    downloadLocation: UNSAID,
    filesAnalyzed: false,
    ...(sourcesHash === null
      ? {}
      : { sourceInfo: `SHA-256 of the names and contents of its sources: ${sourcesHash}` }),
    licenseConcluded: UNSAID,
    licenseDeclared: licence ?? UNSAID,
    copyrightText: UNSAID,
    primaryPackagePurpose: 'LIBRARY',
    ...(sizes === null
      ? {}
      : {
          comment: `Bytes in the image: code ${sizes.code}, constants ${sizes.constants}, data ${sizes.data}, bss ${sizes.bss}.`,
        }),
  };
}

function compilerPackage(compiler: string): SpdxPackage {
  const [name = compiler, ...version] = compiler.split(' ');
  return {
    SPDXID: COMPILER_ID,
    name,
    ...(version.length === 0 ? {} : { versionInfo: version.join(' ') }),
    downloadLocation: UNSAID,
    filesAnalyzed: false,
    licenseConcluded: UNSAID,
    licenseDeclared: UNSAID,
    copyrightText: UNSAID,
    primaryPackagePurpose: 'APPLICATION',
  };
}

/** What holds for the whole; not said if one of the libraries does not say, or if there are none. */
function licenceOfAll(libraries: readonly ImageLibrary[]): string {
  const licences = new Set<string>();
  for (const { name, licence } of libraries) {
    if (name.startsWith('(')) continue;
    if (licence === null) return UNSAID;
    licences.add(licence);
  }
  return licences.size === 0 ? UNSAID : joinLicences([...licences]);
}

/** One SPDX licence expression for what is under all of these at once; sorted, so that the order of files does not matter. */
export function joinLicences(licences: readonly string[]): string {
  const sorted = [...new Set(licences)].sort();
  if (sorted.length === 1) return sorted.join('');
  return sorted.map((each) => (/ (?:OR|AND) /.test(each) ? `(${each})` : each)).join(' AND ');
}

function related(
  spdxElementId: string,
  relationshipType: SpdxRelationship['relationshipType'],
  relatedSpdxElement: string,
): SpdxRelationship {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}
