// SPDX-License-Identifier: BSD-3-Clause
import type { Readable } from 'node:stream';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Source, SourceDigest, SourceStore } from '../../build/ports.js';
import { UnicoreError } from '../../errors/index.js';
import { sourceDigestSchema, sourcePageSchema, sourceSchema } from '../../wire/index.js';
import { ARCHIVE_TYPES, MAXIMUM_ARCHIVE_BYTES } from '../http/body-parsers.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { SOURCES } from '../services.js';

@ApiTags('build')
@ApiProblems()
@Controller('v1/sources')
export class SourcesController {
  constructor(@Inject(SOURCES) private readonly sources: SourceStore) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Upload an application; the body is a tar.gz or tar.zst of its folder',
    description:
      'Makefile, Kconfig, Makefile.uc, defconfig and sources, perhaps within one folder. Files and folders only: no links, no devices. ' +
      'The same files have the same digest, however they are packed; sending them again changes nothing.',
  })
  @ApiConsumes('application/gzip', 'application/zstd')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiResponse({ status: 201, description: 'The source', standardSchema: sourceSchema })
  async upload(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Source> {
    const body = request.body as Readable | undefined;
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    const compression = ARCHIVE_TYPES.get(type);
    if (compression === undefined || typeof body?.pipe !== 'function') {
      throw new UnicoreError(
        'UNSUPPORTED_MEDIA_TYPE',
        'Send the archive itself as the body, with content-type: application/gzip or application/zstd.',
      );
    }
    if (Number(request.headers['content-length'] ?? 0) > MAXIMUM_ARCHIVE_BYTES) {
      throw new UnicoreError('BODY_TOO_LARGE', 'An archive is at most 16 MiB.');
    }
    const source = await this.sources.add(body, compression);
    void reply.header('Location', `/v1/sources/${source.digest}`);
    return source;
  }

  @Get()
  @ApiOperation({ summary: 'All uploaded applications, newest first' })
  @ApiResponse({ status: 200, description: 'The sources', standardSchema: sourcePageSchema })
  async list(): Promise<{ items: readonly Source[]; next: null }> {
    return { items: await this.sources.list(), next: null };
  }

  @Get(':digest')
  @ApiOperation({ summary: 'One uploaded application' })
  @ApiResponse({ status: 200, description: 'The source', standardSchema: sourceSchema })
  show(@Param('digest', { schema: sourceDigestSchema }) digest: string): Promise<Source> {
    return this.sources.get(digest as SourceDigest);
  }

  @Delete(':digest')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete an uploaded application; its images stay' })
  @ApiResponse({ status: 204, description: 'Deleted' })
  remove(@Param('digest', { schema: sourceDigestSchema }) digest: string): Promise<void> {
    return this.sources.delete(digest as SourceDigest);
  }
}
