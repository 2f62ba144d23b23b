// SPDX-License-Identifier: BSD-3-Clause
import { Controller, Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { Operation, Operations } from '../../orchestrator/ports.js';
import {
  operationItemsQuerySchema,
  operationPageSchema,
  operationSchema,
  showOperationQuerySchema,
  uuidSchema,
  type OperationDocument,
  type OperationItemsQuery,
} from '../../wire/index.js';
import { waitAtMost } from '../http/waiting.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { OPERATIONS, STOPPING } from '../services.js';
import { operationView } from './operation-view.js';

@ApiTags('operations')
@ApiProblems()
@Controller('v1/operations')
export class OperationsController {
  constructor(
    @Inject(OPERATIONS) private readonly operations: Operations,
    @Inject(STOPPING) private readonly stopping: AbortSignal,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Long-running requests, without their items' })
  @ApiResponse({ status: 200, description: 'The operations', standardSchema: operationPageSchema })
  list(): { items: readonly OperationDocument[]; next: null } {
    const items = this.operations.list().map((each) => operationView(each, { items: 0 }));
    return { items, next: null };
  }

  @Get(':id')
  @ApiOperation({
    summary: 'One operation; with ?wait=, when it has ended or the time is over',
    description:
      'Items come by the page: ?items= is its size, ?cursor= the `next` of the page before.',
  })
  @ApiResponse({ status: 200, description: 'The operation', standardSchema: operationSchema })
  async show(
    @Param('id', { schema: uuidSchema }) id: string,
    @Query({ schema: showOperationQuerySchema }) query: z.infer<typeof showOperationQuerySchema>,
  ): Promise<OperationDocument> {
    const { wait, ...page } = query;
    const operation = await waitAtMost<Operation>(
      wait,
      this.stopping,
      (signal) => this.operations.wait(id, signal),
      () => this.operations.get(id),
    );
    return operationView(operation, page);
  }

  @Delete(':id')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel what of an operation has not happened yet' })
  @ApiResponse({ status: 200, description: 'As it now is', standardSchema: operationSchema })
  async cancel(
    @Param('id', { schema: uuidSchema }) id: string,
    @Query({ schema: operationItemsQuerySchema }) page: OperationItemsQuery,
  ): Promise<OperationDocument> {
    return operationView(await this.operations.cancel(id), page);
  }
}
