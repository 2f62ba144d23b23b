// SPDX-License-Identifier: BSD-3-Clause
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { UnicoreError } from '../../errors/index.js';
import { PROBLEM_MEDIA_TYPE, problemOf, toUnicoreError } from './problem.js';
import type { RouteTable } from './route-table.js';

/** Turns whatever a request ends with into problem+json. Errors that were not foreseen are logged with their cause. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly routes: RouteTable,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    this.send(thrown, request, reply);
  }

  send(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    let error = toUnicoreError(thrown);
    if (error.code === 'ROUTE_NOT_FOUND') error = this.explainMissingRoute(request, reply) ?? error;
    const problem = problemOf(error, request.method, request.id);
    if (problem.status >= 500) {
      this.logger.error(
        { err: error.cause ?? error, code: error.code, detail: error.message },
        'request failed',
      );
    }
    if (reply.sent) return;
    if (error.retryAfterSeconds !== undefined || problem.status === 429) {
      void reply.header('Retry-After', String(Math.ceil(error.retryAfterSeconds ?? 1)));
    }
    if (problem.status === 401) void reply.header('WWW-Authenticate', 'Bearer realm="unicore"');
    void reply.code(problem.status).header('Content-Type', PROBLEM_MEDIA_TYPE).send(problem);
  }

  private explainMissingRoute(request: FastifyRequest, reply: FastifyReply): UnicoreError | null {
    const path = request.url.split('?', 1)[0] ?? '/';
    const methods = this.routes.methodsOf(path);
    if (methods.length === 0 || methods.includes(request.method)) return null;
    void reply.header('Allow', methods.join(', '));
    return new UnicoreError('METHOD_NOT_ALLOWED', `This path has ${methods.join(', ')}.`);
  }
}
