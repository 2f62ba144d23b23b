// SPDX-License-Identifier: BSD-3-Clause
import { Controller, Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Operation, Operations } from '../../orchestrator/ports.js';
import {
  operationPageSchema,
  operationQuerySchema,
  operationSchema,
  uuidSchema,
} from '../../wire/index.js';
import { waitAtMost } from '../http/waiting.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { OPERATIONS, STOPPING } from '../services.js';

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
  list(): { items: readonly Operation[]; next: null } {
    return { items: this.operations.list().map((each) => ({ ...each, items: [] })), next: null };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One operation; with ?wait=, when it has ended or the time is over' })
  @ApiResponse({ status: 200, description: 'The operation', standardSchema: operationSchema })
  show(
    @Param('id', { schema: uuidSchema }) id: string,
    @Query({ schema: operationQuerySchema }) query: z.infer<typeof operationQuerySchema>,
  ): Promise<Operation> {
    return waitAtMost(
      query.wait,
      this.stopping,
      (signal) => this.operations.wait(id, signal),
      () => this.operations.get(id),
    );
  }

  @Delete(':id')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel what of an operation has not happened yet' })
  @ApiResponse({ status: 200, description: 'As it now is', standardSchema: operationSchema })
  cancel(@Param('id', { schema: uuidSchema }) id: string): Promise<Operation> {
    return this.operations.cancel(id);
  }
}
