// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { UnicoreError } from '../../errors/index.js';
import { IDEMPOTENCY, type IdempotencyStore, type RecordedAnswer } from '../services.js';
import { nameRequest } from './request-name.js';
import { principalOf } from './request-state.js';

const KEY = /^[\x21-\x7e]{1,255}$/;
const MAXIMUM_IN_FLIGHT = 10_000;

interface Outcome {
  readonly answer: RecordedAnswer;
  /** Whether it was given to an earlier request. */
  readonly replayed: boolean;
}

interface InFlight {
  readonly fingerprint: string;
  readonly outcome: Promise<Outcome>;
}

/**
 * Idempotency-Key on POST: the same key with the same request gives the same answer, and one that comes while the first
 * is under way waits for it. Only successes are kept: after a failure the same key may try again. Keys are each
 * principal's own.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  readonly #inFlight = new Map<string, InFlight>();

  constructor(@Inject(IDEMPOTENCY) private readonly store: IdempotencyStore) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const header = request.headers['idempotency-key'];
    // A streamed body cannot be compared; what it makes is named by its content anyway.
    if (request.method !== 'POST' || header === undefined || isStream(request.body)) {
      return next.handle();
    }
    // An answer that holds a secret is not kept anywhere.
    if (request.url.startsWith('/v1/tokens')) return next.handle();
    if (typeof header !== 'string' || !KEY.test(header)) {
      throw new UnicoreError(
        'INVALID_REQUEST',
        'Idempotency-Key: at most 255 visible characters.',
        {
          errors: [
            { path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' },
          ],
        },
      );
    }
    return from(this.#answer(header, request, http.getResponse<FastifyReply>(), next));
  }

  async #answer(
    header: string,
    request: FastifyRequest,
    reply: FastifyReply,
    next: CallHandler,
  ): Promise<unknown> {
    const key = `${principalOf(request).name}\n${header}`;
    const fingerprint = fingerprintOf(request);
    // Entered before anything is awaited, so that two requests at the same time find each other.
    const running = this.#inFlight.get(key);
    if (running !== undefined) {
      const { answer } = await running.outcome;
      return this.#replay(reply, running.fingerprint, fingerprint, answer);
    }
    if (this.#inFlight.size >= MAXIMUM_IN_FLIGHT) {
      throw new UnicoreError('QUEUE_FULL', 'Too many requests with a key are under way.', {
        retryAfterSeconds: 1,
      });
    }
    nameRequest(request, key, fingerprint);
    const outcome = this.#record(key, fingerprint, reply, next);
    this.#inFlight.set(key, { fingerprint, outcome });
    try {
      const { answer, replayed } = await outcome;
      if (replayed) return this.#replay(reply, answer.fingerprint, fingerprint, answer);
      return JSON.parse(answer.body) as unknown;
    } finally {
      this.#inFlight.delete(key);
    }
  }

  async #record(
    key: string,
    fingerprint: string,
    reply: FastifyReply,
    next: CallHandler,
  ): Promise<Outcome> {
    const recorded = await this.store.load(key);
    if (recorded !== null) return { answer: recorded, replayed: true };
    const body: unknown = await lastValueFrom(next.handle(), { defaultValue: null });
    const location = reply.getHeader('location');
    const answer: RecordedAnswer = {
      fingerprint,
      status: reply.statusCode,
      location: typeof location === 'string' ? location : null,
      body: JSON.stringify(body ?? null),
    };
    await this.store.save(key, answer);
    return { answer, replayed: false };
  }

  #replay(reply: FastifyReply, first: string, second: string, answer: RecordedAnswer): unknown {
    if (first !== second) {
      throw new UnicoreError(
        'IDEMPOTENCY_KEY_REUSED',
        'The key belongs to a request with another path or body. Use a new key for a new request.',
      );
    }
    void reply.code(answer.status).header('Idempotency-Replayed', 'true');
    if (answer.location !== null) void reply.header('Location', answer.location);
    return JSON.parse(answer.body) as unknown;
  }
}

function isStream(body: unknown): boolean {
  return typeof (body as { readonly pipe?: unknown } | null | undefined)?.pipe === 'function';
}

function fingerprintOf(request: FastifyRequest): string {
  const asked = JSON.stringify([request.method, request.url, request.body ?? null]);
  return createHash('sha256').update(asked).digest('hex');
}
