// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include "connection.h"

#include "events.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TYPE_EVENT    0x4001
#define TYPE_REPLACED 0x4002
#define TYPE_LOST     0x4003
#define TYPE_REPLY    0x8000

static struct connection connections[CONNECTIONS_MAX];
static int listener = -1;

int connections_listen(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int i, result;

	for (i = 0; i < CONNECTIONS_MAX; i++)
		connections[i].fd = -1;
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener < 0)
		return -errno;
	/* The lock is held: what is there was left behind by a launcher that died. */
	unlink(path);
	mask = umask(0177);
	result = bind(listener, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (result < 0 || listen(listener, SOMAXCONN) < 0)
		return -errno;
	return watch(listener, SOURCE_LISTENER, 0, 0);
}

bool connections_any(void)
{
	int i;

	for (i = 0; i < CONNECTIONS_MAX; i++)
		if (connections[i].fd >= 0)
			return true;
	return false;
}

static void connection_close(struct connection *connection)
{
	close(connection->fd);
	connection->fd = -1;
}

static bool may_connect(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

/* A free place, or that of a connection that has not greeted: those may not keep a daemon out. */
static struct connection *free_place(void)
{
	struct connection *silent = NULL;
	int i;

	for (i = 0; i < CONNECTIONS_MAX; i++) {
		if (connections[i].fd < 0)
			return &connections[i];
		if (!connections[i].greeted)
			silent = &connections[i];
	}
	if (silent)
		connection_close(silent);
	return silent;
}

void connections_accept(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct connection *connection;

	if (fd < 0)
		return;
	connection = may_connect(fd) ? free_place() : NULL;
	if (!connection) {
		close(fd);
		return;
	}
	connection->fd = fd;
	connection->generation++;
	connection->greeted = connection->doomed = connection->blocked = false;
	connection->interest = EPOLLIN;
	connection->in_bytes = connection->out_start = connection->out_end = 0;
	if (watch(fd, SOURCE_CONNECTION, (uint32_t)(connection - connections),
		  connection->generation) < 0)
		connection_close(connection);
}

/* Room for one more frame at the end of the output; moves what is there to the front if that makes
 * it. */
static bool has_room(struct connection *connection)
{
	uint32_t pending = connection->out_end - connection->out_start;

	if (OUT_BUFFER_BYTES - connection->out_end >= REPLY_BYTES_MAX)
		return true;
	if (OUT_BUFFER_BYTES - pending < REPLY_BYTES_MAX)
		return false;
	memmove(connection->out, connection->out + connection->out_start, pending);
	connection->out_start = 0;
	connection->out_end = pending;
	return true;
}

/* A writer for the next frame's payload. */
static struct writer begin_frame(struct connection *connection)
{
	uint8_t *start = connection->out + connection->out_end;

	return (struct writer){ start, start + FRAME_HEADER_BYTES, start + REPLY_BYTES_MAX, false };
}

static void end_frame(struct connection *connection, struct writer *writer, uint16_t type,
		      uint16_t status, uint32_t request)
{
	write_header(writer, type, status, request);
	connection->out_end = (uint32_t)(writer->at - connection->out);
}

static void send_empty(struct connection *connection, uint16_t type)
{
	struct writer writer = begin_frame(connection);

	end_frame(connection, &writer, type, 0, 0);
}

void connection_take_over(struct connection *connection, uint64_t seq)
{
	int i;

	for (i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *other = &connections[i];

		if (other == connection || other->fd < 0 || !other->greeted)
			continue;
		if (has_room(other))
			send_empty(other, TYPE_REPLACED);
		other->doomed = true;
	}
	connection->greeted = true;
	connection->next_event = seq + 1;
}

static void answer(struct connection *connection, const struct frame_header *header,
		   const uint8_t *payload)
{
	struct reader request = { payload, payload + header->length, false };
	struct writer reply = begin_frame(connection);
	int status = request_handle(connection, header, &request, &reply);

	if (status < 0 || reply.full) {
		note("a client broke the protocol (request type %u)", header->type);
		connection->doomed = true;
		return;
	}
	end_frame(connection, &reply, header->type | TYPE_REPLY, (uint16_t)status, header->request);
}

/* Answers the whole frames that have come, as long as there is room for answers. */
static void take_frames(struct connection *connection)
{
	struct frame_header header;
	uint32_t at = 0;

	connection->blocked = false;
	while (!connection->doomed && connection->in_bytes - at >= FRAME_HEADER_BYTES) {
		read_header(connection->in + at, &header);
		if (header.length > FRAME_PAYLOAD_MAX || header.status) {
			connection->doomed = true;
			break;
		}
		if (connection->in_bytes - at - FRAME_HEADER_BYTES < header.length)
			break;
		connection->blocked = !has_room(connection);
		if (connection->blocked)
			break;
		answer(connection, &header, connection->in + at + FRAME_HEADER_BYTES);
		at += FRAME_HEADER_BYTES + header.length;
	}
	connection->in_bytes -= at;
	memmove(connection->in, connection->in + at, connection->in_bytes);
}

void connection_ready(uint32_t slot, uint32_t generation)
{
	struct connection *connection = &connections[slot];
	ssize_t count;

	if (connection->fd < 0 || connection->generation != generation)
		return;
	if (connection->in_bytes == sizeof(connection->in))
		return;
	count = recv(connection->fd, connection->in + connection->in_bytes,
		     sizeof(connection->in) - connection->in_bytes, 0);
	if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
		connection->doomed = true;
	if (count > 0)
		connection->in_bytes += (uint32_t)count;
}

static void add_events(struct connection *connection)
{
	const struct event *event;
	struct writer writer;

	while (connection->greeted && connection->next_event <= event_last() &&
	       has_room(connection)) {
		event = event_get(connection->next_event);
		if (!event) {
			send_empty(connection, TYPE_LOST);
			connection->next_event = event_last() + 1;
			return;
		}
		writer = begin_frame(connection);
		write_u64(&writer, event->seq);
		write_bytes(&writer, event->id, ID_BYTES);
		write_u8(&writer, event->kind);
		write_u8(&writer, event->reason);
		write_u32(&writer, (uint32_t)event->code);
		end_frame(connection, &writer, TYPE_EVENT, 0, 0);
		connection->next_event++;
	}
}

/* Sends as much as the peer takes, and asks epoll to tell when it takes more. */
static void send_some(struct connection *connection)
{
	uint32_t pending = connection->out_end - connection->out_start;
	ssize_t count;

	if (pending) {
		count = send(connection->fd, connection->out + connection->out_start, pending,
			     MSG_NOSIGNAL);
		if (count > 0)
			connection->out_start += (uint32_t)count;
		else if (errno != EAGAIN && errno != EINTR)
			connection->doomed = true;
	}
	if (connection->out_start == connection->out_end)
		connection->out_start = connection->out_end = 0;
}

/* Input is of interest while there is place for it, output while there is something to send. */
static void tell_interest(struct connection *connection)
{
	uint32_t interest = 0;

	if (connection->in_bytes < sizeof(connection->in))
		interest |= EPOLLIN;
	if (connection->out_end || connection->blocked ||
	    (connection->greeted && connection->next_event <= event_last()))
		interest |= EPOLLOUT;
	if (interest == connection->interest)
		return;
	connection->interest = interest;
	watch_connection(connection->fd, interest, (uint32_t)(connection - connections),
			 connection->generation);
}

void connections_flush(void)
{
	int i;

	for (i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &connections[i];

		if (connection->fd < 0)
			continue;
		if (!connection->doomed) {
			take_frames(connection);
			add_events(connection);
		}
		send_some(connection);
		if (connection->doomed)
			connection_close(connection);
		else
			tell_interest(connection);
	}
}
