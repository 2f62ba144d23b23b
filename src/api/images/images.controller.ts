// SPDX-License-Identifier: BSD-3-Clause
import type { Readable } from 'node:stream';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiProduces,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ImageDigest, ImageManifest } from '../../build/image.js';
import type { ImageStore } from '../../build/ports.js';
import { spdxDocument, type SpdxDocument } from '../../build/sbom/index.js';
import { UnicoreError } from '../../errors/index.js';
import { digestSchema, imagePageSchema, imageSchema } from '../../wire/index.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { IMAGES, IMAGE_USAGE, type ImageUsage } from '../services.js';
import { limitBytes, MAXIMUM_IMAGE_BYTES } from './upload-limit.js';

@ApiTags('images')
@ApiProblems()
@Controller('v1/images')
export class ImagesController {
  constructor(
    @Inject(IMAGES) private readonly images: ImageStore,
    @Inject(IMAGE_USAGE) private readonly usage: ImageUsage,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All images, newest first' })
  @ApiResponse({ status: 200, description: 'The images', standardSchema: imagePageSchema })
  async list(): Promise<{ items: readonly ImageManifest[]; next: null }> {
    return { items: await this.images.list(), next: null };
  }

  @Get(':digest')
  @ApiOperation({ summary: "One image's manifest" })
  @ApiResponse({ status: 200, description: 'The manifest', standardSchema: imageSchema })
  async show(@Param('digest', { schema: digestSchema }) digest: string): Promise<ImageManifest> {
    return (await this.images.get(digest as ImageDigest)).manifest;
  }

  @Get(':digest/sbom')
  @ApiOperation({ summary: "One image's bill of materials: SPDX 2.3, JSON" })
  @ApiProduces('application/spdx+json')
  @ApiResponse({ status: 200, description: 'The document, the same each time' })
  async sbom(
    @Param('digest', { schema: digestSchema }) digest: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SpdxDocument> {
    const { manifest } = await this.images.get(digest as ImageDigest);
    void reply.type('application/spdx+json; charset=utf-8');
    return spdxDocument(manifest);
  }

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Take in a unikernel, an ELF file, a bzImage or an arm64 Image; the body is the file',
  })
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiResponse({ status: 201, description: 'The manifest', standardSchema: imageSchema })
  async upload(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImageManifest> {
    const body = request.body as Readable | undefined;
    if (typeof body?.pipe !== 'function') {
      throw new UnicoreError(
        'UNSUPPORTED_MEDIA_TYPE',
        'Send the ELF file itself as the body, with content-type: application/octet-stream.',
      );
    }
    if (Number(request.headers['content-length'] ?? 0) > MAXIMUM_IMAGE_BYTES) {
      throw new UnicoreError('BODY_TOO_LARGE', 'An image is at most 256 MiB.');
    }
    const { manifest } = await this.images.import(limitBytes(body, MAXIMUM_IMAGE_BYTES));
    void reply.header('Location', `/v1/images/${manifest.digest}`);
    return manifest;
  }

  @Delete(':digest')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete an image that no instance uses' })
  @ApiResponse({ status: 204, description: 'Deleted' })
  async remove(@Param('digest', { schema: digestSchema }) digest: string): Promise<void> {
    if (this.usage.usesImage(digest)) {
      throw new UnicoreError(
        'IMAGE_IN_USE',
        'Delete the instances that are made of the image first; GET /v1/instances shows them.',
      );
    }
    await this.images.delete(digest as ImageDigest);
  }
}
