// SPDX-License-Identifier: BSD-3-Clause
import type { FastifyInstance } from 'fastify';
import { UnicoreError } from '../../errors/index.js';
import { MAXIMUM_IMAGE_BYTES } from '../images/upload-limit.js';

export const MAXIMUM_JSON_BYTES = 1024 * 1024;
const UPLOAD_ROUTE = '/v1/images';

/** JSON everywhere, at most 1 MiB; the bytes of an image, as a stream, on its upload only. Nothing else is read. */
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
  fastify.addContentTypeParser(
    'application/octet-stream',
    { bodyLimit: MAXIMUM_IMAGE_BYTES },
    (request, payload, done) => {
      if (request.routeOptions.url === UPLOAD_ROUTE) {
        done(null, payload);
        return;
      }
      done(
        new UnicoreError(
          'UNSUPPORTED_MEDIA_TYPE',
          'Send the body with content-type: application/json.',
        ),
      );
    },
  );
}
