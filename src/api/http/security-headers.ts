// SPDX-License-Identifier: BSD-3-Clause
import type { FastifyReply } from 'fastify';

const HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

const NOTHING = "default-src 'none'; frame-ancestors 'none'";
// Swagger UI sets inline styles and shows images from data: URLs.
const PAGES =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Headers of every answer. Answers of the API are never cached and never run as a page. */
export function setSecurityHeaders(reply: FastifyReply, path: string): void {
  for (const [name, value] of Object.entries(HEADERS)) void reply.header(name, value);
  const page = path === '/docs' || path.startsWith('/docs/');
  void reply.header('Content-Security-Policy', page ? PAGES : NOTHING);
  if (!page) void reply.header('Cache-Control', 'no-store');
}
