// SPDX-License-Identifier: BSD-3-Clause
import { Body, Controller, Delete, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { InstanceChange, Instances } from '../../orchestrator/ports.js';
import {
  deleteSelectionQuerySchema,
  deleteSelectionSchema,
  operationSchema,
  selectionSchema,
  type DeleteSelectionBody,
  type OperationDocument,
  type SelectionBody,
} from '../../wire/index.js';
import { principalOf } from '../http/request-state.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { operationView } from '../operations/operation-view.js';
import { INSTANCES } from '../services.js';
import { clientOf } from './create-request.js';

/** Documents what the routes for many instances have in common. */
function ApiBulk(what: string): MethodDecorator {
  const decorators = [
    ApiOperation({
      summary: `${what} all instances that a selector names`,
      description:
        'Answers with an operation, whose items are the instances that the selector names now.',
    }),
    ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string' } }),
    ApiResponse({ status: 202, description: 'Accepted', standardSchema: operationSchema }),
    HttpCode(202),
  ];
  return (...target) => {
    for (const decorate of decorators) decorate(...target);
  };
}

/** Changes of many instances at once. */
@ApiTags('instances')
@ApiProblems()
@Controller('v1')
export class BulkChangesController {
  constructor(@Inject(INSTANCES) private readonly instances: Instances) {}

  @Post('instances::delete')
  @ApiBulk('Delete')
  remove(
    @Req() request: FastifyRequest,
    @Body({ schema: deleteSelectionSchema }) body: DeleteSelectionBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationDocument> {
    return this.#start('delete', body, request, reply);
  }

  @Delete('instances')
  @ApiBulk('Delete')
  removeByQuery(
    @Req() request: FastifyRequest,
    @Query({ schema: deleteSelectionQuerySchema })
    query: z.infer<typeof deleteSelectionQuerySchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationDocument> {
    return this.#start('delete', query, request, reply);
  }

  @Post('instances::pause')
  @ApiBulk('Pause')
  pause(
    @Req() request: FastifyRequest,
    @Body({ schema: selectionSchema }) body: SelectionBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationDocument> {
    return this.#start('pause', body, request, reply);
  }

  @Post('instances::resume')
  @ApiBulk('Resume')
  resume(
    @Req() request: FastifyRequest,
    @Body({ schema: selectionSchema }) body: SelectionBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationDocument> {
    return this.#start('resume', body, request, reply);
  }

  @Post('instances::restart')
  @ApiBulk('Restart')
  restart(
    @Req() request: FastifyRequest,
    @Body({ schema: selectionSchema }) body: SelectionBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationDocument> {
    return this.#start('restart', body, request, reply);
  }

  async #start(
    change: InstanceChange,
    { selector, grace = 0 }: DeleteSelectionBody,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<OperationDocument> {
    const selection = selector === undefined ? ({ all: true } as const) : { selector };
    const operation = await this.instances.changeMany(change, selection, {
      client: clientOf(principalOf(request)),
      graceSeconds: grace,
    });
    void reply.header('Location', `/v1/operations/${operation.id}`);
    return operationView(operation);
  }
}
