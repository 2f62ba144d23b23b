// SPDX-License-Identifier: BSD-3-Clause
import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Instances } from '../../orchestrator/ports.js';
import {
  instanceMetricsQuerySchema,
  metricsHistoryQuerySchema,
  metricsHistorySchema,
} from '../../wire/index.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { INSTANCES, METRICS_HISTORY } from '../services.js';
import type { MetricsHistory } from './history.js';
import { instanceMetrics } from './instance-metrics.js';

const DEFAULT_SPAN_MILLISECONDS = 3_600_000;

@ApiTags('metrics')
@ApiProblems()
@Controller('v1/metrics')
export class MetricsController {
  constructor(
    @Inject(INSTANCES) private readonly instances: Instances,
    @Inject(METRICS_HISTORY) private readonly past: MetricsHistory,
  ) {}

  @Get('history')
  @ApiOperation({
    summary:
      'A metric of the daemon over the last hours; without ?metric=, the names that there are',
  })
  @ApiResponse({ status: 200, description: 'The series', standardSchema: metricsHistorySchema })
  history(
    @Query({ schema: metricsHistoryQuerySchema }) query: z.infer<typeof metricsHistoryQuerySchema>,
  ): z.infer<typeof metricsHistorySchema> {
    const { metric, step } = query;
    const names = this.past.names();
    if (metric === undefined) return { metric: null, step, names: [...names], series: [] };
    const from =
      query.from === undefined ? Date.now() - DEFAULT_SPAN_MILLISECONDS : Date.parse(query.from);
    const series = this.past.query({ metric, from, step: step * 1000 }).map((each) => ({
      labels: each.labels,
      points: each.points.map(([time, value]) => ({ time: new Date(time).toISOString(), value })),
    }));
    return { metric, step, names: [], series };
  }

  @Get('instances')
  @ApiOperation({
    summary: 'Processor time and memory of each instance that a selector names, for Prometheus',
    description: 'Apart from /metrics, whose size does not grow with the number of instances.',
  })
  @ApiProduces('text/plain')
  @ApiResponse({ status: 200, description: 'Prometheus text format' })
  async perInstance(
    @Query({ schema: instanceMetricsQuerySchema })
    query: z.infer<typeof instanceMetricsQuerySchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    void reply.type('text/plain; version=0.0.4; charset=utf-8');
    return instanceMetrics(this.instances, query.selector, query.limit);
  }
}
