/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/xenstore.h>

#include <xen/errno.h>

#include "store_ring.h"
#include "xen.h"

/* One piece of a request's payload. */
struct piece {
	const char *text;
	size_t length;
};

static struct uc_xenstore_watch *watches;
static uint32_t last_request;

static size_t length_of(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

/* Text with its NUL, as most requests want it. */
static struct piece whole(const char *s)
{
	return (struct piece){ s, length_of(s) + 1 };
}

/* The numbers by which xenstored names errors are not its own, but names: "ENOENT" and so on. */
static int error_number(const char *name)
{
	static const struct xsd_errors errors[] = {
		{ XEN_EINVAL, "EINVAL" },	{ XEN_EACCES, "EACCES" },
		{ XEN_EEXIST, "EEXIST" },	{ XEN_EISDIR, "EISDIR" },
		{ XEN_ENOENT, "ENOENT" },	{ XEN_ENOMEM, "ENOMEM" },
		{ XEN_ENOSPC, "ENOSPC" },	{ XEN_EIO, "EIO" },
		{ XEN_ENOTEMPTY, "ENOTEMPTY" }, { XEN_ENOSYS, "ENOSYS" },
		{ XEN_EROFS, "EROFS" },		{ XEN_EBUSY, "EBUSY" },
		{ XEN_EAGAIN, "EAGAIN" },	{ XEN_EISCONN, "EISCONN" },
		{ XEN_E2BIG, "E2BIG" },		{ XEN_EPERM, "EPERM" },
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		size_t at = 0;

		while (name[at] && name[at] == errors[i].errstring[at])
			at++;
		if (name[at] == errors[i].errstring[at])
			return -errors[i].errnum;
	}
	return -XEN_EIO;
}

/* Reads a message's payload: what fits into the buffer, with a NUL after it; the rest is passed
 * over. */
static void read_payload(const struct xsd_sockmsg *message, char *buffer, size_t size)
{
	size_t fits = message->len < size - 1 ? message->len : size - 1;

	store_read(buffer, fits);
	buffer[fits] = '\0';
	store_read(NULL, message->len - fits);
}

/* A watch event's payload is the path that changed and our token, the watch's address in
 * hexadecimal. */
static void take_event(const struct xsd_sockmsg *message)
{
	char payload[XENSTORE_ABS_PATH_MAX + 32];
	uintptr_t token = 0;

	read_payload(message, payload, sizeof(payload));
	for (const char *c = payload + length_of(payload) + 1; *c; c++)
		token = token << 4 | (uintptr_t)(*c <= '9' ? *c - '0' : *c - 'a' + 10);
	for (struct uc_xenstore_watch *watch = watches; watch; watch = watch->next)
		if ((uintptr_t)watch == token)
			watch->fired = true;
}

static void send(uint32_t type, uint32_t transaction, const struct piece *pieces, size_t count,
		 size_t length)
{
	struct xsd_sockmsg message = { .type = type,
				       .req_id = ++last_request,
				       .tx_id = transaction,
				       .len = (uint32_t)length };

	store_write(&message, sizeof(message));
	for (size_t i = 0; i < count; i++)
		store_write(pieces[i].text, pieces[i].length);
}

/* Sends a request and waits for its reply, whose payload goes to the buffer. Its length, or an
 * error. */
static int request(uint32_t type, uint32_t transaction, const struct piece *pieces, size_t count,
		   char *reply, size_t size)
{
	struct xsd_sockmsg message;
	char name[16];
	size_t length = 0;

	for (size_t i = 0; i < count; i++)
		length += pieces[i].length;
	if (length > XENSTORE_PAYLOAD_MAX)
		return -XEN_ENAMETOOLONG;
	if (!xen_guest.store)
		return -XEN_ENXIO;
	send(type, transaction, pieces, count, length);
	for (;;) {
		store_read(&message, sizeof(message));
		if (message.len > XENSTORE_PAYLOAD_MAX)
			return -XEN_EIO;
		if (message.type != XS_WATCH_EVENT)
			break;
		take_event(&message);
	}
	if (message.type == XS_ERROR) {
		read_payload(&message, name, sizeof(name));
		return error_number(name);
	}
	read_payload(&message, reply, size);
	return message.req_id == last_request ? (int)message.len : -XEN_EIO;
}

/* A request whose reply says no more than that it was done. */
static int command(uint32_t type, uint32_t transaction, const struct piece *pieces, size_t count)
{
	char reply[4];
	int result = request(type, transaction, pieces, count, reply, sizeof(reply));

	return result < 0 ? result : 0;
}

int uc_xenstore_read(uint32_t transaction, const char *path, char *value, size_t size)
{
	struct piece piece = whole(path);

	return request(XS_READ, transaction, &piece, 1, value, size);
}

int uc_xenstore_directory(uint32_t transaction, const char *path, char *names, size_t size)
{
	struct piece piece = whole(path);

	return request(XS_DIRECTORY, transaction, &piece, 1, names, size);
}

int uc_xenstore_write(uint32_t transaction, const char *path, const char *value)
{
	struct piece pieces[] = { whole(path), { value, length_of(value) } };

	return command(XS_WRITE, transaction, pieces, 2);
}

int uc_xenstore_write_number(uint32_t transaction, const char *path, uint64_t value)
{
	char text[21];
	char *digit = text + sizeof(text) - 1;

	*digit = '\0';
	do
		*--digit = (char)('0' + value % 10);
	while (value /= 10);
	return uc_xenstore_write(transaction, path, digit);
}

int uc_xenstore_remove(uint32_t transaction, const char *path)
{
	struct piece piece = whole(path);

	return command(XS_RM, transaction, &piece, 1);
}

int uc_xenstore_begin(uint32_t *transaction)
{
	struct piece piece = whole("");
	char number[12];
	int result = request(XS_TRANSACTION_START, 0, &piece, 1, number, sizeof(number));

	if (result < 0)
		return result;
	*transaction = 0;
	for (const char *digit = number; *digit >= '0' && *digit <= '9'; digit++)
		*transaction = *transaction * 10 + (uint32_t)(*digit - '0');
	return 0;
}

int uc_xenstore_end(uint32_t transaction, bool commit)
{
	struct piece piece = whole(commit ? "T" : "F");

	return command(XS_TRANSACTION_END, transaction, &piece, 1);
}

int uc_xenstore_transaction(int (*function)(uint32_t transaction, void *argument), void *argument)
{
	int result = -XEN_EAGAIN;

	for (unsigned int i = 0; i < UC_XENSTORE_ATTEMPTS && result == -XEN_EAGAIN; i++) {
		uint32_t transaction;

		result = uc_xenstore_begin(&transaction);
		if (result)
			break;
		result = function(transaction, argument);
		if (result)
			uc_xenstore_end(transaction, false);
		else
			result = uc_xenstore_end(transaction, true);
	}
	return result;
}

static void write_token(const struct uc_xenstore_watch *watch, char token[17])
{
	for (int i = 0; i < 16; i++)
		token[i] = "0123456789abcdef"[(uintptr_t)watch >> (60 - 4 * i) & 15];
	token[16] = '\0';
}

int uc_xenstore_watch(struct uc_xenstore_watch *watch)
{
	char token[17];

	write_token(watch, token);
	watch->fired = false;
	watch->next = watches;
	watches = watch;

	struct piece pieces[] = { whole(watch->path), whole(token) };
	int result = command(XS_WATCH, 0, pieces, 2);

	if (result)
		watches = watch->next;
	return result;
}

int uc_xenstore_unwatch(struct uc_xenstore_watch *watch)
{
	char token[17];

	write_token(watch, token);

	struct piece pieces[] = { whole(watch->path), whole(token) };
	int result = command(XS_UNWATCH, 0, pieces, 2);

	for (struct uc_xenstore_watch **link = &watches; *link; link = &(*link)->next) {
		if (*link == watch) {
			*link = watch->next;
			break;
		}
	}
	return result;
}

void uc_xenstore_poll(void)
{
	while (xen_guest.store && store_has_input()) {
		struct xsd_sockmsg message;

		store_read(&message, sizeof(message));
		if (message.type == XS_WATCH_EVENT)
			take_event(&message);
		else
			store_read(NULL, message.len);
	}
}
