/* SPDX-License-Identifier: BSD-3-Clause */
/* Clients: reading frames, answering, and sending events. Few, of fixed size, and the newest with a
 * HELLO counts. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "launcher.h"
#include "wire.h"

#define CONNECTIONS_MAX	 4
#define REPLY_BYTES_MAX	 (64u << 10)
#define OUT_BUFFER_BYTES (512u << 10)

struct connection {
	int fd;
	uint32_t generation;
	bool greeted;
	/* The peer went away or broke the protocol: closed at the end of the turn. */
	bool doomed;
	/* Whole frames wait because there was no room for their answers. */
	bool blocked;
	/* What epoll was asked to tell. */
	uint32_t interest;
	/* Number of the next event to send. */
	uint64_t next_event;
	uint32_t in_bytes;
	uint32_t out_start;
	uint32_t out_end;
	uint8_t in[FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX];
	uint8_t out[OUT_BUFFER_BYTES];
};

/* Makes and binds the socket in the working directory. Returns 0 or a negative errno. */
int connections_listen(const char *path);
/* epoll tells of the listener or of a connection. */
void connections_accept(void);
void connection_ready(uint32_t slot, uint32_t generation);
/* Sends what is to be sent on all connections, and closes the doomed ones. */
void connections_flush(void);
/* Whether a client is connected. */
bool connections_any(void);
/* Makes this the one authoritative connection, with events after `seq`. */
void connection_take_over(struct connection *connection, uint64_t seq);

/*
 * Answers one request (requests.c). The reply is written behind its header into `reply`. Returns
 * the status, or a negative value if the frame broke the protocol.
 */
int request_handle(struct connection *connection, const struct frame_header *header,
		   struct reader *request, struct writer *reply);
/* This launcher's epoch: another launcher has another. */
uint64_t launcher_epoch(void);

#endif
