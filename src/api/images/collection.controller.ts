// SPDX-License-Identifier: BSD-3-Clause
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { CollectionReport, Collector } from '../../build/ports.js';
import { collectionReportSchema, collectionRequestSchema } from '../../wire/index.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { COLLECTOR } from '../services.js';

@ApiTags('images')
@ApiProblems()
@Controller('v1')
export class CollectionController {
  constructor(@Inject(COLLECTOR) private readonly collector: Collector) {}

  @Post('images::prune')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Remove what is no longer kept, now; images in use or just used stay',
    description:
      'What is kept is in the settings `retention`. With `dryRun`, nothing is removed. Imported images stay.',
  })
  @ApiResponse({
    status: 200,
    description: 'What was removed, or would be',
    standardSchema: collectionReportSchema,
  })
  prune(
    @Body({ schema: collectionRequestSchema }) body: z.infer<typeof collectionRequestSchema>,
  ): Promise<CollectionReport> {
    return this.collector.collect(body);
  }
}
