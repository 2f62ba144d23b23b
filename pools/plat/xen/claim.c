/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parked, and claimed by a key of the guest's own folder. It is there, empty, before the guest says
 * that it is parked: so whoever claims it knows where it looks.
 */
#include <uc/console.h>
#include <uc/plat.h>
#include <uc/xenstore.h>

#include <xen/errno.h>

static struct uc_xenstore_watch claim = { .path = "data/unicore-claim" };
static int error;

void uc_plat_parked(void)
{
	uc_console_print("uc: parked\n");
	error = uc_xenstore_write(UC_XENSTORE_NO_TRANSACTION, claim.path, "");
	if (!error)
		error = uc_xenstore_watch(&claim);
	if (!error)
		error = uc_xenstore_write(UC_XENSTORE_NO_TRANSACTION, "data/unicore-parked", "1");
}

/* The watch ends the idle. The line is there at once, with its zero byte. */
int uc_plat_claim_read(char *s, size_t n)
{
	int length;

	if (error || !claim.fired)
		return error;
	claim.fired = false;
	length = uc_xenstore_read(UC_XENSTORE_NO_TRANSACTION, claim.path, s, n);
	return length > 0 && (size_t)length > n ? -XEN_E2BIG : length;
}

/* What comes there from now on is looked at by nobody. */
void uc_plat_claimed(void)
{
}
