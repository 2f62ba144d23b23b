/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stddef.h>
#include <string.h>

/*
 * The errors that this pool's libraries report; the rest of errno.h is for ported programs. The
 * texts lie in the table itself, because the linker keeps the strings of a whole library if it
 * keeps one of them.
 */
static const struct {
	unsigned char error;
	char text[27];
} errors[] = {
	{ 0, "Success" },
	{ EPERM, "Not permitted" },
	{ ENOENT, "No such file or directory" },
	{ ESRCH, "No such process" },
	{ EINTR, "Interrupted" },
	{ EIO, "Input/output error" },
	{ ENXIO, "No such device or address" },
	{ E2BIG, "Argument list too long" },
	{ EBADF, "Bad file descriptor" },
	{ EAGAIN, "Try again" },
	{ ENOMEM, "Out of memory" },
	{ EACCES, "Permission denied" },
	{ EFAULT, "Bad address" },
	{ EBUSY, "Busy" },
	{ EEXIST, "Exists already" },
	{ EXDEV, "Link across devices" },
	{ ENODEV, "No such device" },
	{ ENOTDIR, "Not a directory" },
	{ EISDIR, "Is a directory" },
	{ EINVAL, "Invalid argument" },
	{ ENFILE, "System out of open files" },
	{ EMFILE, "Too many open files" },
	{ EFBIG, "File too large" },
	{ ENOSPC, "No space left" },
	{ ESPIPE, "Cannot seek" },
	{ EROFS, "Read-only file system" },
	{ EPIPE, "Broken pipe" },
	{ EDOM, "Argument outside of domain" },
	{ ERANGE, "Result out of range" },
	{ EDEADLK, "Deadlock" },
	{ ENAMETOOLONG, "Name too long" },
	{ ENOSYS, "Not implemented" },
	{ ENOTEMPTY, "Directory not empty" },
	{ EPROTO, "Protocol error" },
	{ EBADMSG, "Bad message" },
	{ EOVERFLOW, "Value too large" },
	{ EMSGSIZE, "Message too long" },
	{ EOPNOTSUPP, "Not supported" },
	{ EADDRINUSE, "Address in use" },
	{ EADDRNOTAVAIL, "Address not available" },
	{ ENETDOWN, "Network is down" },
	{ ENETUNREACH, "Network unreachable" },
	{ ECONNABORTED, "Connection aborted" },
	{ ECONNRESET, "Connection reset by peer" },
	{ ENOBUFS, "No buffer space" },
	{ EISCONN, "Already connected" },
	{ ENOTCONN, "Not connected" },
	{ ETIMEDOUT, "Timed out" },
	{ ECONNREFUSED, "Connection refused" },
	{ EHOSTUNREACH, "Host unreachable" },
	{ EALREADY, "Already in progress" },
	{ EINPROGRESS, "In progress" },
	{ ECANCELED, "Cancelled" },
};

char *strerror(int error)
{
	static const char unknown[] = "Unknown error";

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		if (errors[i].error == error)
			return (char *)errors[i].text;
	}
	return (char *)unknown;
}
