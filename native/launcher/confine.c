// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Stack, vDSO and the like, on top of guest memory and image. */
#define ADDRESS_SPACE_ALLOWANCE (4ull << 20)
#define STACK_BYTES		(1ull << 20)
#define OPEN_FILES		64
/* Out of -1000 to 1000: instances go before daemons when memory is short. */
#define OOM_SCORE "500"

#if defined(__x86_64__)
#define AUDIT_ARCH_SELF AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define AUDIT_ARCH_SELF AUDIT_ARCH_AARCH64
#else
#error "the launcher knows no system call convention for this architecture"
#endif

#define REFUSE (SECCOMP_RET_ERRNO | EPERM)
#define REFUSE_IF(number) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), BPF_STMT(BPF_RET | BPF_K, REFUSE)

/*
 * One instance is one process of one thread. Without this filter a fork bomb is bounded only where
 * each instance has a user id of its own. Other ABIs of the machine (i386, x32) would be a way
 * round it, and no instance needs them.
 */
static struct sock_filter one_process[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_SELF, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, REFUSE),
	REFUSE_IF(SYS_fork),
	REFUSE_IF(SYS_vfork),
#endif
	REFUSE_IF(SYS_clone),
	REFUSE_IF(SYS_clone3),
	REFUSE_IF(SYS_ptrace),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static int limit(int resource, uint64_t value)
{
	struct rlimit rlimit = { value, value };

	return setrlimit(resource, &rlimit) < 0 ? -errno : 0;
}

static int limit_resources(uint64_t address_space)
{
	int result = limit(RLIMIT_AS, address_space + ADDRESS_SPACE_ALLOWANCE);

	if (!result)
		result = limit(RLIMIT_STACK, STACK_BYTES);
	if (!result)
		result = limit(RLIMIT_CORE, 0);
	if (!result)
		result = limit(RLIMIT_FSIZE, 0);
	if (!result)
		result = limit(RLIMIT_NOFILE, OPEN_FILES);
	return result;
}

/* Best effort: without /proc the kernel chooses by size alone. */
static void offer_to_oom_killer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, OOM_SCORE, strlen(OOM_SCORE)) < 0) {
		/* Nothing else to do about it. */
	}
	close(fd);
}

/* The raw calls: the C library's wrappers would tell the parent's other threads, whose memory this
 * is. */
static int drop_privileges(uint32_t uid)
{
	if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, uid, uid, uid) < 0 ||
	    syscall(SYS_setresuid, uid, uid, uid) < 0)
		return -errno;
	return 0;
}

/*
 * With a user id of its own, the kernel's count of that user's processes is the bound, and costs
 * nothing. Without one, the count would be of all that the launcher's user runs, and a filter has
 * to do (about 0.1 ms).
 */
static int allow_one_process(bool own_uid)
{
	struct sock_fprog program = { sizeof(one_process) / sizeof(one_process[0]), one_process };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (own_uid)
		return limit(RLIMIT_NPROC, 1);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

int confine(uint32_t uid, uint64_t address_space)
{
	int result;

	offer_to_oom_killer();
	result = limit_resources(address_space);
	if (!result && uid)
		result = drop_privileges(uid);
	return result ? result : allow_one_process(uid != 0);
}
