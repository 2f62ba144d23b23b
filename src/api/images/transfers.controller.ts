// SPDX-License-Identifier: BSD-3-Clause
import { Body, Controller, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { ImageDigest } from '../../build/image.js';
import type { ImageStore } from '../../build/ports.js';
import type { ImageTransfers, Operation } from '../../orchestrator/ports.js';
import {
  digestSchema,
  operationSchema,
  transferSchema,
  type OperationDocument,
} from '../../wire/index.js';
import { operationView } from '../operations/operation-view.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { IMAGES, TRANSFERS } from '../services.js';

/** Pulls and pushes. Only registries of the daemon's configuration are spoken to; clients cannot make it speak to others. */
@ApiTags('images')
@ApiProblems()
@Controller('v1')
export class TransfersController {
  constructor(
    @Inject(TRANSFERS) private readonly transfers: ImageTransfers,
    @Inject(IMAGES) private readonly images: ImageStore,
  ) {}

  @Post('images::pull')
  @HttpCode(202)
  @ApiOperation({ summary: 'Pull an image from a registry (an OCI artifact)' })
  @ApiResponse({ status: 202, description: 'The operation', standardSchema: operationSchema })
  async pull(
    @Body({ schema: transferSchema }) body: z.infer<typeof transferSchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationDocument> {
    return accepted(reply, await this.transfers.pull(body.reference));
  }

  @Post('images/:digest(^sha256:[0-9a-f]+$)::push')
  @HttpCode(202)
  @ApiOperation({ summary: 'Push an image to a registry, with its bill of materials' })
  @ApiResponse({ status: 202, description: 'The operation', standardSchema: operationSchema })
  async push(
    @Param('digest', { schema: digestSchema }) digest: string,
    @Body({ schema: transferSchema }) body: z.infer<typeof transferSchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationDocument> {
    await this.images.get(digest as ImageDigest);
    return accepted(reply, await this.transfers.push(digest as ImageDigest, body.reference));
  }
}

function accepted(reply: FastifyReply, operation: Operation): OperationDocument {
  void reply.header('Location', `/v1/operations/${operation.id}`);
  return operationView(operation);
}
