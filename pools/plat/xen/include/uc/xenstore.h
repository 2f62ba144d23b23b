/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client of xenstore (docs/misc/xenstore.txt in Xen's source, public/io/xs_wire.h). Requests are
 * synchronous: each waits for its reply. Paths are relative to the guest's own folder, or absolute.
 * Errors are negative errnos: those that xenstored names
 * (-ENOENT, -EACCES, -EAGAIN …), -EIO for nonsense on the ring, -ENAMETOOLONG for what does not fit
 * into a message.
 */
#ifndef UC_XENSTORE_H
#define UC_XENSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Not in a transaction. */
#define UC_XENSTORE_NO_TRANSACTION 0u

/**
 * Reads a value into a buffer and ends it with a NUL. The length of the value, which is more than
 * size - 1 if it did not fit (what fits is there); or an error. size > 0.
 */
int uc_xenstore_read(uint32_t transaction, const char *path, char *value, size_t size);

/** Writes a value, and the folders on the way to it. 0 or an error. */
int uc_xenstore_write(uint32_t transaction, const char *path, const char *value);

/** Writes a number in decimal. 0 or an error. */
int uc_xenstore_write_number(uint32_t transaction, const char *path, uint64_t value);

/** Removes a key and all below it. 0 or an error. */
int uc_xenstore_remove(uint32_t transaction, const char *path);

/** The names in a folder, each ended by a NUL, into a buffer. Their total length, as
 * uc_xenstore_read. */
int uc_xenstore_directory(uint32_t transaction, const char *path, char *names, size_t size);

/** Starts a transaction. 0, and its number in *transaction; or an error. */
int uc_xenstore_begin(uint32_t *transaction);

/** Ends a transaction. 0; -EAGAIN if another change came between and all has to be done again; or
 * another error. */
int uc_xenstore_end(uint32_t transaction, bool commit);

/**
 * Runs a function within a transaction, again for as long as other changes come between, at most
 * UC_XENSTORE_ATTEMPTS times. What it returns other than 0 ends the transaction without a change,
 * and is returned. 0, -EAGAIN, or another error.
 */
int uc_xenstore_transaction(int (*function)(uint32_t transaction, void *argument), void *argument);

#define UC_XENSTORE_ATTEMPTS 100

/**
 * A watch. The owner looks at `fired` and clears it, then reads what it wants to know: what
 * happened in between is not counted. It fires once when it is set. The owner keeps the memory
 * until uc_xenstore_unwatch.
 */
struct uc_xenstore_watch {
	const char *path;
	bool fired;
	/* For the client alone. */
	struct uc_xenstore_watch *next;
};

/** Sets a watch; path must be filled in. 0 or an error. */
int uc_xenstore_watch(struct uc_xenstore_watch *watch);

/** Removes a watch. 0 or an error. */
int uc_xenstore_unwatch(struct uc_xenstore_watch *watch);

/** Takes in what has arrived, and lets watches fire. */
void uc_xenstore_poll(void);

#ifdef __cplusplus
}
#endif

#endif /* UC_XENSTORE_H */
