// SPDX-License-Identifier: BSD-3-Clause
import type { FastifyInstance } from 'fastify';
import { UnicoreError } from '../../errors/index.js';
import { MAXIMUM_IMAGE_BYTES } from '../images/upload-limit.js';

export const MAXIMUM_JSON_BYTES = 1024 * 1024;
const IMAGES_ROUTE = '/v1/images';
const SOURCES_ROUTE = '/v1/sources';
/** An archive is bounded where it is unpacked, too. */
export const MAXIMUM_ARCHIVE_BYTES = 16 * 1024 * 1024;

/** Content types of archives, and how each is compressed. */
export const ARCHIVE_TYPES: ReadonlyMap<string, 'gzip' | 'zstd'> = new Map([
  ['application/gzip', 'gzip'],
  ['application/x-gzip', 'gzip'],
  ['application/zstd', 'zstd'],
]);

/** JSON everywhere, at most 1 MiB; the bytes of an image or an archive, as a stream, on its upload only. Nothing else is read. */
export function registerBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'string', bodyLimit: MAXIMUM_JSON_BYTES },
    (request, body, done) => {
      // Many clients name a content type on a POST that has no body.
      if (body === '') {
        done(null, undefined);
        return;
      }
      void parseJson(request, body as string, (error, parsed) => {
        if (error === null) done(null, parsed);
        else done(new UnicoreError('MALFORMED_JSON', 'The body could not be read as JSON.'));
      });
    },
  );
  registerUpload(fastify, ['application/octet-stream'], MAXIMUM_IMAGE_BYTES, IMAGES_ROUTE);
  registerUpload(fastify, [...ARCHIVE_TYPES.keys()], MAXIMUM_ARCHIVE_BYTES, SOURCES_ROUTE);
}

/** Hands on the body as a stream to one route; other routes do not take these content types. */
function registerUpload(
  fastify: FastifyInstance,
  types: string[],
  bodyLimit: number,
  route: string,
): void {
  fastify.addContentTypeParser(types, { bodyLimit }, (request, payload, done) => {
    if (request.routeOptions.url === route) {
      done(null, payload);
      return;
    }
    done(
      new UnicoreError(
        'UNSUPPORTED_MEDIA_TYPE',
        'Send the body with content-type: application/json.',
      ),
    );
  });
}
