/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* The errors that this pool's libraries report; the rest of errno.h is for ported programs. */
static const char *const texts[] = {
	[0] = "Success",
	[EPERM] = "Not permitted",
	[ENOENT] = "No such file or directory",
	[ESRCH] = "No such process",
	[EINTR] = "Interrupted",
	[EIO] = "Input/output error",
	[ENXIO] = "No such device or address",
	[E2BIG] = "Argument list too long",
	[EBADF] = "Bad file descriptor",
	[EAGAIN] = "Try again",
	[ENOMEM] = "Out of memory",
	[EACCES] = "Permission denied",
	[EFAULT] = "Bad address",
	[EBUSY] = "Busy",
	[EEXIST] = "Exists already",
	[EXDEV] = "Link across devices",
	[ENODEV] = "No such device",
	[ENOTDIR] = "Not a directory",
	[EISDIR] = "Is a directory",
	[EINVAL] = "Invalid argument",
	[ENFILE] = "Too many open files in system",
	[EMFILE] = "Too many open files",
	[EFBIG] = "File too large",
	[ENOSPC] = "No space left",
	[ESPIPE] = "Cannot seek",
	[EROFS] = "Read-only file system",
	[EPIPE] = "Broken pipe",
	[EDOM] = "Argument outside of domain",
	[ERANGE] = "Result out of range",
	[EDEADLK] = "Deadlock",
	[ENAMETOOLONG] = "Name too long",
	[ENOSYS] = "Not implemented",
	[ENOTEMPTY] = "Directory not empty",
	[EPROTO] = "Protocol error",
	[EBADMSG] = "Bad message",
	[EOVERFLOW] = "Value too large",
	[EMSGSIZE] = "Message too long",
	[EOPNOTSUPP] = "Not supported",
	[EADDRINUSE] = "Address in use",
	[EADDRNOTAVAIL] = "Address not available",
	[ENETDOWN] = "Network is down",
	[ENETUNREACH] = "Network unreachable",
	[ECONNABORTED] = "Connection aborted",
	[ECONNRESET] = "Connection reset by peer",
	[ENOBUFS] = "No buffer space",
	[EISCONN] = "Already connected",
	[ENOTCONN] = "Not connected",
	[ETIMEDOUT] = "Timed out",
	[ECONNREFUSED] = "Connection refused",
	[EHOSTUNREACH] = "Host unreachable",
	[EALREADY] = "Already in progress",
	[EINPROGRESS] = "In progress",
	[ECANCELED] = "Cancelled",
};

char *strerror(int error)
{
	if (error < 0 || (size_t)error >= sizeof(texts) / sizeof(*texts) || !texts[error])
		return (char *)"Unknown error";
	return (char *)texts[error];
}
