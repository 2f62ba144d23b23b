// SPDX-License-Identifier: BSD-3-Clause
/* The requests of PROTOCOL.md. */
#include "connection.h"
#include "console.h"
#include "events.h"
#include "instance.h"
#include "process_table.h"
#include "spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELLO_MAGIC	 0x4c4e4355u
#define PROTOCOL_VERSION 1

#define FLAG_RESYNC	  1
#define FLAG_OWN_USER_IDS 2
#define CREATE_PAUSED	  1
#define ARGUMENTS_MAX	  1024
#define PATH_BYTES	  4096
#define LIST_PAGE	  512
#define STATS_PAGE	  128
#define BROKEN		  (-1)
#define REPORTED_READY	  1
#define REPORTED_PARKED	  2

enum status {
	STATUS_OK = 0,
	STATUS_UNKNOWN = 1,
	STATUS_STRANGER = 2,
	STATUS_NO_CAPACITY = 3,
	STATUS_FAILED = 4,
	STATUS_UNSUPPORTED = 5,
	STATUS_NOT_OWNER = 6,
	STATUS_NOT_PARKED = 7,
};

enum request_type {
	REQUEST_HELLO = 1,
	REQUEST_CREATE = 2,
	REQUEST_DESTROY = 3,
	REQUEST_SIGNAL = 4,
	REQUEST_LIST = 5,
	REQUEST_STRANGERS = 6,
	REQUEST_STATS = 7,
	REQUEST_READ = 8,
	REQUEST_WRITE = 9,
	REQUEST_CLAIM = 10,
};

/* A refusal's payload is its text alone, whatever was written before. */
static int refuse(struct writer *reply, enum status status, const char *text)
{
	reply->at = reply->start + FRAME_HEADER_BYTES;
	write_str(reply, text);
	return status;
}

static int refuse_errno(struct writer *reply, const char *step, int error)
{
	char text[256];
	enum status status = STATUS_FAILED;

	if (error == -EAGAIN || error == -ENOMEM || error == -EMFILE || error == -ENFILE)
		status = STATUS_NO_CAPACITY;
	if (error == -ESRCH)
		status = STATUS_UNKNOWN;
	if (error == -EALREADY)
		status = STATUS_NOT_PARKED;
	snprintf(text, sizeof(text), "%s: %s", step, strerror(-error));
	return refuse(reply, status, text);
}

/* Puts the place of a number that is known later. */
static uint8_t *reserve(struct writer *reply, size_t count)
{
	static const uint8_t zeros[8];
	uint8_t *place = reply->at;

	write_bytes(reply, zeros, count);
	return place;
}

static void fill_page(uint8_t *place, uint32_t cursor, uint16_t count)
{
	struct writer writer = { place, place, place + 6, false };

	write_u32(&writer, cursor);
	write_u16(&writer, count);
}

static int hello(struct connection *connection, struct reader *request, struct writer *reply)
{
	uint32_t magic = read_u32(request);
	uint16_t version = read_u16(request);
	uint16_t zero = read_u16(request);
	uint64_t epoch = read_u64(request);
	uint64_t seq = read_u64(request);
	uint16_t length, flags = options.uid_base ? FLAG_OWN_USER_IDS : 0;
	const char *owner = read_str(request, &length);

	if (!read_done(request) || magic != HELLO_MAGIC || zero || connection->greeted)
		return BROKEN;
	if (version != PROTOCOL_VERSION || length != strlen(options.owner) ||
	    memcmp(owner, options.owner, length) != 0) {
		connection->doomed = true;
		return refuse(reply, STATUS_NOT_OWNER,
			      "the launcher serves another owner or protocol version");
	}
	if (epoch != launcher_epoch() || seq > event_last() ||
	    (seq < event_last() && !event_get(seq + 1))) {
		flags |= FLAG_RESYNC;
		seq = event_last();
	}
	connection_take_over(connection, seq);
	write_u16(reply, PROTOCOL_VERSION);
	write_u16(reply, flags);
	write_u64(reply, launcher_epoch());
	write_u64(reply, seq);
	write_u32(reply, (uint32_t)getpid());
	write_u32(reply, instances_alive());
	write_u32(reply, options.max_instances);
	return STATUS_OK;
}

/* The texts of a CREATE request, each terminated, in one buffer; all pointers into it. */
struct create_texts {
	char name[NAME_MAX_LEN + 1];
	char path[PATH_BYTES];
	char *argv[ARGUMENTS_MAX + 2];
	char buffer[FRAME_PAYLOAD_MAX + ARGUMENTS_MAX];
};

static bool take_text(struct reader *request, char *to, size_t size)
{
	uint16_t length;
	const char *text = read_str(request, &length);

	if (!text || length >= size)
		return false;
	memcpy(to, text, length);
	to[length] = 0;
	return true;
}

static bool take_texts(struct reader *request, struct create_texts *texts)
{
	char *at = texts->buffer;
	uint16_t count, i;

	if (!take_text(request, texts->name, sizeof(texts->name)) ||
	    !take_text(request, texts->path, sizeof(texts->path)))
		return false;
	count = read_u16(request);
	if (count > ARGUMENTS_MAX)
		return false;
	texts->argv[0] = texts->name;
	for (i = 0; i < count; i++) {
		if (!take_text(request, at, (size_t)(texts->buffer + sizeof(texts->buffer) - at)))
			return false;
		texts->argv[i + 1] = at;
		at += strlen(at) + 1;
	}
	texts->argv[count + 1] = NULL;
	return read_done(request);
}

static int start(struct instance *instance, struct spawn_request *spawn_request, const char **step)
{
	struct spawned spawned;
	int result = spawn(spawn_request, &spawned, step);

	if (result)
		return result;
	instance->pid = spawned.pid;
	instance->output_fd = spawned.output_fd;
	instance->ready_fd = spawned.ready_fd;
	instance->state = spawn_request->paused ? STATE_PAUSED : STATE_RUNNING;
	*step = "watching the process";
	result = instance_start(instance);
	if (result) {
		kill(spawned.pid, SIGKILL);
		waitpid(spawned.pid, NULL, 0);
	}
	return result;
}

static int create(struct reader *request, struct writer *reply)
{
	static struct create_texts texts;
	const uint8_t *id = read_bytes(request, ID_BYTES);
	uint64_t memory = read_u64(request);
	uint32_t flags = read_u32(request);
	char uuid[37], marker[64], owner[96], memory_text[48], ready_text[32];
	char *envp[] = { marker, owner, memory_text, ready_text, NULL };
	struct spawn_request spawn_request = { texts.path, texts.argv, envp,
					       memory,	   0,	       flags & CREATE_PAUSED };
	struct instance *instance;
	const char *step = "";
	int result;

	if (!take_texts(request, &texts) || flags & ~CREATE_PAUSED)
		return BROKEN;
	write_u8(reply, instance_find(id) != NULL);
	if (instance_find(id))
		return STATUS_OK;
	instance = instance_add(id, texts.name, NO_SLOT);
	if (!instance)
		return refuse(reply, STATUS_NO_CAPACITY, "the launcher holds as many as it may");
	uuid_format(id, uuid);
	snprintf(marker, sizeof(marker), "UNICORE_INSTANCE=%s", uuid);
	snprintf(owner, sizeof(owner), "UNICORE_OWNER=%s", options.owner);
	snprintf(memory_text, sizeof(memory_text), "UC_MEMORY=%llu", (unsigned long long)memory);
	snprintf(ready_text, sizeof(ready_text), "UC_READY_FD=%d", CHILD_READY_FD);
	spawn_request.uid = instance_uid(instance_slot(instance));
	result = start(instance, &spawn_request, &step);
	if (!result)
		return STATUS_OK;
	instance_remove(instance);
	return refuse_errno(reply, step, result);
}

struct stranger_search {
	const uint8_t *id;
	bool found;
};

static bool is_stranger(const struct marked_process *process, void *argument)
{
	struct stranger_search *search = argument;

	search->found = memcmp(process->id, search->id, ID_BYTES) == 0;
	return !search->found;
}

static int destroy(struct reader *request, struct writer *reply)
{
	const uint8_t *id = read_bytes(request, ID_BYTES);
	struct stranger_search search = { id, false };
	struct instance *instance;
	int result;

	if (!read_done(request))
		return BROKEN;
	instance = instance_find(id);
	if (!instance) {
		processes_visit(instances_own, is_stranger, &search);
		return search.found ? refuse(reply, STATUS_STRANGER, "it has another owner")
				    : refuse(reply, STATUS_UNKNOWN, "no such instance");
	}
	result = instance_destroy(instance);
	return result ? refuse_errno(reply, "kill", result) : STATUS_OK;
}

static int send_signal(struct reader *request, struct writer *reply)
{
	const uint8_t *id = read_bytes(request, ID_BYTES);
	uint8_t operation = read_u8(request);
	struct instance *instance;
	int result;

	if (!read_done(request) || operation < 1 || operation > 3)
		return BROKEN;
	instance = instance_find(id);
	if (!instance || instance->state == STATE_ENDED)
		return refuse(reply, STATUS_UNKNOWN, "no such instance, or it has ended");
	if (operation == 1)
		result = instance_pause(instance);
	else if (operation == 2)
		result = instance_resume(instance);
	else
		result = instance_shutdown(instance);
	return result ? refuse_errno(reply, "signal", result) : STATUS_OK;
}

static int list(struct reader *request, struct writer *reply)
{
	uint32_t slot = read_u32(request);
	uint8_t *page = reserve(reply, 6);
	uint16_t count = 0;

	if (!read_done(request))
		return BROKEN;
	for (; slot < options.max_instances && count < LIST_PAGE; slot++) {
		const struct instance *instance = instance_at(slot);

		if (!instance)
			continue;
		write_bytes(reply, instance->id, ID_BYTES);
		write_u8(reply, instance->state);
		write_u8(reply, instance->ready	   ? REPORTED_READY
				: instance->parked ? REPORTED_PARKED
						   : 0);
		write_u8(reply, instance->reason);
		write_u32(reply, (uint32_t)(instance->reason ? instance->code
							     : instance->boot_nanoseconds));
		write_u64(reply, instance->console.end);
		write_str(reply, instance->name);
		count++;
	}
	fill_page(page, slot < options.max_instances ? slot : 0, count);
	return STATUS_OK;
}

struct stranger_list {
	struct writer *reply;
	uint16_t count;
};

static bool add_stranger(const struct marked_process *process, void *argument)
{
	struct stranger_list *strangers = argument;

	if (instance_find(process->id))
		return true;
	write_bytes(strangers->reply, process->id, ID_BYTES);
	write_str(strangers->reply, process->name);
	return ++strangers->count < LIST_PAGE;
}

static int list_strangers(struct reader *request, struct writer *reply)
{
	struct stranger_list strangers = { reply, 0 };
	uint8_t *place = reserve(reply, 2);
	struct writer count = { place, place, place + 2, false };

	if (!read_done(request))
		return BROKEN;
	processes_visit(instances_own, add_stranger, &strangers);
	write_u16(&count, strangers.count);
	return STATUS_OK;
}

static int sample(struct reader *request, struct writer *reply)
{
	uint32_t slot = read_u32(request);
	uint8_t *page = reserve(reply, 6);
	uint64_t cpu, memory;
	uint16_t count = 0;

	if (!read_done(request))
		return BROKEN;
	for (; slot < options.max_instances && count < STATS_PAGE; slot++) {
		const struct instance *instance = instance_at(slot);

		if (!instance || instance->state == STATE_ENDED ||
		    process_usage(instance->pid, &cpu, &memory) < 0)
			continue;
		write_bytes(reply, instance->id, ID_BYTES);
		write_u64(reply, cpu);
		write_u64(reply, memory);
		count++;
	}
	fill_page(page, slot < options.max_instances ? slot : 0, count);
	return STATUS_OK;
}

static int read_output(struct reader *request, struct writer *reply)
{
	static uint8_t bytes[REPLY_BYTES_MAX - 64];
	const uint8_t *id = read_bytes(request, ID_BYTES);
	uint64_t offset = read_u64(request);
	uint32_t most = read_u32(request);
	struct instance *instance;
	uint32_t count;

	if (!read_done(request))
		return BROKEN;
	instance = instance_find(id);
	if (!instance)
		return refuse(reply, STATUS_UNKNOWN, "no such instance");
	if (offset > instance->console.end)
		count = 0;
	else
		count = console_read(&instance->console, &offset, bytes,
				     most < sizeof(bytes) ? most : (uint32_t)sizeof(bytes));
	if (!count && instance->state != STATE_ENDED)
		instance->output_wanted = true;
	write_u8(reply, instance->state == STATE_ENDED && offset + count >= instance->console.end);
	write_u64(reply, offset);
	write_bytes(reply, bytes, count);
	return STATUS_OK;
}

static int write_input(struct reader *request, struct writer *reply)
{
	const uint8_t *id = read_bytes(request, ID_BYTES);
	uint32_t count = read_u32(request);
	const uint8_t *bytes = read_bytes(request, count);
	struct instance *instance;
	int taken;

	if (!read_done(request))
		return BROKEN;
	instance = instance_find(id);
	if (!instance)
		return refuse(reply, STATUS_UNKNOWN, "no such instance");
	taken = instance_write(instance, bytes, count);
	if (taken < 0)
		return refuse_errno(reply, "console input", taken);
	write_u32(reply, (uint32_t)taken);
	return STATUS_OK;
}

static int claim(struct reader *request, struct writer *reply)
{
	const uint8_t *id = read_bytes(request, ID_BYTES);
	uint32_t count = read_u32(request);
	const uint8_t *bytes = read_bytes(request, count);
	struct instance *instance;
	int result;

	if (!read_done(request))
		return BROKEN;
	instance = instance_find(id);
	if (!instance || instance->state == STATE_ENDED)
		return refuse(reply, STATUS_UNKNOWN, "no such instance, or it has ended");
	result = instance_claim(instance, bytes, count);
	return result ? refuse_errno(reply, "claim", result) : STATUS_OK;
}

int request_handle(struct connection *connection, const struct frame_header *header,
		   struct reader *request, struct writer *reply)
{
	if (header->type == REQUEST_HELLO)
		return hello(connection, request, reply);
	if (!connection->greeted)
		return BROKEN;
	switch (header->type) {
	case REQUEST_CREATE:
		return create(request, reply);
	case REQUEST_DESTROY:
		return destroy(request, reply);
	case REQUEST_SIGNAL:
		return send_signal(request, reply);
	case REQUEST_LIST:
		return list(request, reply);
	case REQUEST_STRANGERS:
		return list_strangers(request, reply);
	case REQUEST_STATS:
		return sample(request, reply);
	case REQUEST_READ:
		return read_output(request, reply);
	case REQUEST_WRITE:
		return write_input(request, reply);
	case REQUEST_CLAIM:
		return claim(request, reply);
	default:
		return BROKEN;
	}
}
